import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import PROGRAMME_OFFICE, Actor
from certificates.errors import CertificateError
from certificates.models import Certificate
from certificates.services.corrections import reissue, revoke
from certificates.services.issuance import register_certificates, write_files
from common import clock
from counting.counter import counted
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from enrollment.services.enrollments import request_enrollment
from lms.demo.audiences import make_audiences
from lms.demo.cast import Cast, Directory
from lms.demo.classes import Hosts
from lms.demo.effect import make_effect
from lms.demo.learning import make_learning
from lms.demo.names import NameMaker
from lms.demo.present import Present
from lms.demo.signins import COORDINATOR, OFFICE, SECOND_TRAINER, TRAINEE, TRAINER, make_sign_ins
from lms.demo.story import Story
from lms.demo.targets import make_targets
from lms.errors import ProgrammeError
from lms.reference import load_reference
from notices.models import Notice, NoticeState
from people.models import Trainee

PEOPLE, SEED = 640, 699
MOST_PEOPLE = 100_000
CERTIFICATE_RUNS = 2
MOST_CERTIFICATES_OF_A_RUN = 18
CERTIFICATES_FROM, DAYS_TO_ISSUE = dt.date(2025, 3, 1), 16


@dataclass(frozen=True, slots=True)
class Made:
    """``trained`` people are counted for the target today."""

    runs: int
    people: int
    trained: int
    completions: int
    certificates: int


def make_demo(
    *, people: int = PEOPLE, seed: int = SEED, report: Callable[[str], None] = lambda run: None
) -> Made:
    """A programme in which ``people`` have been trained, reproducible from ``seed``.

    Everything but the certificates' files is written in one transaction. ``report`` is called with
    the code of each class that is done. Raises ProgrammeError ``not_empty`` on a database that
    contains more than reference data, ``too_many``.
    """
    if not 1 <= people <= MOST_PEOPLE:
        message = _("Select between 1 and %(most)s people.") % {"most": MOST_PEOPLE}
        raise ProgrammeError("too_many", message)
    with transaction.atomic():
        _require_empty()
        load_reference(by=PROGRAMME_OFFICE)
        users = make_sign_ins()
        story = _tell(people, random.Random(seed), users, report)  # noqa: S311 - no secret
        certificated = _register_certificates(story)
        _give_trainee_a_face(users[TRAINEE], certificated)
        make_effect(story, users[TRAINEE])
        person = Trainee.objects.filter(user=users[TRAINEE]).first()
        report(make_learning(story, users[TRAINER], person).code)
        make_audiences(users[OFFICE].as_actor())
        make_targets(users[OFFICE].as_actor(), users[COORDINATOR].as_actor())
    # The bytes afterwards: a file cannot be rolled back. If this is killed,
    # issue_certificates makes what is missing.
    for run in certificated:
        for certificate in write_files(run):
            report(certificate.register_label)
    _correct_certificates(story)
    # The demo mails nobody: messages of the past count as sent, changes as announced.
    Enrollment.objects.update(announced_state=F("state"))
    Notice.objects.filter(state=NoticeState.PENDING).update(
        state=NoticeState.SENT, sent_at=F("created_at")
    )
    return Made(
        runs=CourseRun.objects.count(),
        people=Trainee.objects.count(),
        trained=counted().persons,
        completions=Completion.objects.not_voided().count(),
        certificates=Certificate.objects.count(),
    )


def _require_empty() -> None:
    for model in (User, Trainee, CourseRun):
        if model._default_manager.exists():
            raise ProgrammeError(
                "not_empty",
                _(
                    "This database contains more than reference data: demo data cannot be "
                    "added to it."
                ),
            )


def _tell(
    people: int, rng: random.Random, users: dict[str, User], report: Callable[[str], None]
) -> Story:
    directory = Directory(rng)
    cast = Cast(rng, directory, NameMaker(rng, directory.birthplace_codes()))
    trainers = [_trainer(users[TRAINER]), _trainer(users[SECOND_TRAINER])]
    hosts = Hosts(users[OFFICE].as_actor(), trainers)
    story = Story(rng, cast, hosts, clock.today())
    for run in story.hold_past_classes(people):
        report(run.code)
    present = Present(story)
    for run in present.open_classes():
        report(run.code)
    present.meet_a_namesake()
    present.void_a_result()
    return story


def _trainer(user: User) -> tuple[int, Actor]:
    return user.pk, user.as_actor()


# Certificates ---------------------------------------------------------------------------


def _register_certificates(story: Story) -> list[CourseRun]:
    """Register the certificates of two classes, one of the middle and one of the end.

    None outside of development, where the office's own signer and key must be entered first.
    """
    chosen = _worth_a_certificate()
    for run in chosen:
        with clock.set_to(_issued_on(run)):
            try:
                register_certificates(by=story.hosts.office, run=run)
            except CertificateError as error:
                if error.code not in ("no_signing_key", "sample_signer"):
                    raise
                return []
    return chosen


def _worth_a_certificate() -> list[CourseRun]:
    size_by_run = Counter(Completion.objects.not_voided().values_list("run_id", flat=True))
    over = CourseRun.objects.filter(
        ends_on__range=(CERTIFICATES_FROM, clock.today() - dt.timedelta(days=30))
    )
    found = [
        run
        for run in over.order_by("ends_on", "code")
        if 0 < size_by_run[run.pk] <= MOST_CERTIFICATES_OF_A_RUN
    ]
    half = len(found) // CERTIFICATE_RUNS
    halves = [part for part in (found[:half], found[half:]) if part]
    return [max(part, key=lambda run: (size_by_run[run.pk], run.ends_on)) for part in halves]


def _issued_on(run: CourseRun) -> dt.date:
    return run.ends_on + dt.timedelta(days=DAYS_TO_ISSUE)


def _correct_certificates(story: Story) -> None:
    issued = list(Certificate.objects.live().in_register_order()[:3])
    if len(issued) < 3:
        return
    with clock.set_to(issued[0].issued_at + dt.timedelta(days=9)):
        reissue(by=story.hosts.office, certificate=issued[0], reason="Sửa chức vụ theo hồ sơ")
        revoke(
            by=story.hosts.office,
            certificate=issued[1],
            reason="Cấp nhầm: học viên đề nghị cấp lại theo đơn vị mới",
        )


def _give_trainee_a_face(user: User, certificated: list[CourseRun]) -> None:
    """The demo trainee has a certificate, an exact birth date, and a request for another class."""
    latest = Completion.objects.filter(run__in=certificated).exclude(trainee__birth_date=None)
    completion = latest.order_by("-completed_on", "trainee__sort_key", "id").first()
    if completion is None:
        return
    person = completion.trainee
    Trainee.objects.filter(pk=person.pk).update(user=user, email=user.email)
    user.full_name = person.full_name
    user.save(update_fields=["full_name"])
    coming = CourseRun.objects.filter(
        state=RunState.OPEN, seats_taken__range=(1, F("capacity") - 1)
    ).exclude(enrollments__trainee=person)
    if run := coming.order_by("-starts_on").first():
        request_enrollment(by=user.as_actor(), run=run, trainee=person)
