import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TestCase, override_settings

from accounts.choices import Role
from accounts.models import RoleGrant, User
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE
from audit.services.seals import seal_pending
from audit.services.verification import verify
from certificates.models import Certificate
from common import clock
from common.identity import parse_personal_number
from counting.counter import counted
from counting.explanation import explain
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from lms.demo.programme import make_demo
from lms.demo.reports import SIGNED_ON
from notices.models import Notice, NoticeState
from people.models import CandidatePair, Merge, Trainee
from targets.models import (
    AgencyTask,
    CooperatingUnit,
    IndicatorValue,
    PeriodReport,
    Quota,
    Target,
    TaskReport,
)
from targets.pdf import report_pdf
from targets.progress import reconcile
from targets.progress.adjustments import adjustments
from targets.progress.percentages import measured
from targets.progress.quality import quality
from targets.progress.quota_status import quota_statuses
from targets.progress.road_map import plans_of, road_map
from targets.progress.signed_list import hash_of_list
from targets.progress.task_status import task_statuses
from targets.services.evidence import evidence_pack
from targets.sheets import annex
from tests.targets.packs import recompute

END_OF_2024 = dt.date(2024, 12, 31)
MIDDLE_OF_2024 = dt.date(2024, 6, 30)
QUICK_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"


@pytest.fixture(scope="module")
def programme(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """The whole demo, made once for this file and rolled back after it; its media folder."""
    media: Path = tmp_path_factory.mktemp("media")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=media, DEBUG=True, PASSWORD_HASHERS=[QUICK_HASHER]),
        transaction.atomic(),
    ):
        with TestCase.captureOnCommitCallbacks(execute=True):
            make_demo()
        yield media
        transaction.set_rollback(True)


@pytest.fixture
def demo(programme, db, settings) -> Path:
    settings.MEDIA_ROOT = programme
    settings.DEBUG = True
    return Path(programme)


def persons(as_of: dt.date, known_as_of: dt.date | None = None) -> int:
    known = clock.end_of_day(known_as_of) if known_as_of else None
    return counted(as_of, known_as_of=known).persons


@pytest.mark.usefixtures("demo")
def test_640_people_have_been_trained_so_far():
    assert counted().persons == 640


@pytest.mark.usefixtures("demo")
def test_the_target_of_2024_was_met_and_late_records_add_to_it():
    as_known_then = persons(END_OF_2024, END_OF_2024)
    assert 100 < as_known_then < persons(END_OF_2024)


@pytest.mark.usefixtures("demo")
def test_several_classes_were_held_and_recorded_before_july_2024():
    early = Completion.objects.filter(
        completed_on__lte=MIDDLE_OF_2024, recorded_at__lte=clock.end_of_day(MIDDLE_OF_2024)
    )
    assert len(set(early.values_list("run", flat=True))) >= 3
    assert persons(MIDDLE_OF_2024, MIDDLE_OF_2024) == persons(MIDDLE_OF_2024)


@pytest.mark.usefixtures("demo")
def test_all_courses_and_both_sectors_take_part():
    courses = set(CourseRun.objects.values_list("course__code", flat=True))
    assert len(courses) == 11
    sectors = Counter(Completion.objects.values_list("sector", flat=True))
    assert set(sectors) == {"state_agency", "state_corporation"}
    kinds = set(Completion.objects.values_list("agency_kind", flat=True))
    assert {"ministry", "province", "state_group", "state_corporation"} <= kinds


@pytest.mark.usefixtures("demo")
def test_somebody_completed_outside_the_days_of_the_class_for_a_reason_on_record():
    (other,) = Completion.objects.outside_class_days()
    assert other.day_reason
    assert other.paper
    (figure,) = (one for one in quality(counted()).cautions if one.key == "outside_class_days")
    assert (figure.persons, figure.completions) == (1, 1)


@pytest.mark.usefixtures("demo")
def test_officials_and_experts_are_told_apart_where_somebody_said_it():
    assert all(figure.persons for figure in quality(counted()).trainee_kinds)


@pytest.mark.usefixtures("demo")
def test_every_difference_between_enrolled_and_counted_is_explained():
    assert reconcile().unexplained == []


@pytest.mark.usefixtures("demo")
def test_every_action_is_audited_and_the_chain_is_intact():
    while seal_pending():
        pass
    found = verify()
    assert (found.unsealed, found.broken_at) == (0, None)
    assert found.sealed == AuditEntry.objects.count() > 300


@pytest.mark.usefixtures("demo")
def test_nothing_is_recorded_before_it_happened_or_in_the_future():
    now = clock.now()
    for completion in Completion.objects.all():
        assert completion.completed_on <= completion.recorded_at.astimezone(clock.HANOI).date()
        assert completion.recorded_at <= now
    assert not AuditEntry.objects.filter(at__gt=now).exists()


@pytest.mark.usefixtures("demo")
def test_nobody_was_sent_by_an_agency_that_did_not_exist():
    agencies = Agency.objects.in_bulk()
    for enrollment in Enrollment.objects.select_related("run"):
        sender, day = agencies[enrollment.sending_agency_id], enrollment.run.starts_on
        assert sender.valid_from is None or sender.valid_from <= day
        assert sender.valid_to is None or sender.valid_to >= day


@pytest.mark.usefixtures("demo")
def test_people_repeat_courses_move_agencies_and_miss_the_rule():
    per_person = Counter(Completion.objects.values_list("trainee", flat=True))
    assert sum(count > 1 for count in per_person.values()) > 30
    senders: dict[int, set[int]] = {}
    for trainee, sender in Completion.objects.values_list("trainee", "sending_agency"):
        senders.setdefault(trainee, set()).add(sender)
    assert sum(len(found) > 1 for found in senders.values()) > 5
    assert Enrollment.objects.filter(state=EnrollmentState.NOT_COMPLETED).count() > 20


@pytest.mark.usefixtures("demo")
def test_classes_run_and_are_to_come_with_people_on_waiting_lists():
    states = Counter(CourseRun.objects.values_list("state", flat=True))
    assert states[RunState.RUNNING] >= 2
    assert states[RunState.OPEN] >= 3
    waiting = Enrollment.objects.waiting()
    assert len(set(waiting.values_list("run", flat=True))) >= 2


@pytest.mark.usefixtures("demo")
def test_personal_numbers_agree_with_sex_and_birth_year():
    numbered = Trainee.objects.exclude(personal_number_digest=None)
    assert numbered.count() > 500
    for person in numbered:
        number = parse_personal_number(person.personal_number)
        assert (number.sex, number.birth_year) == (person.sex, person.birth_year)


@pytest.mark.usefixtures("demo")
def test_two_rows_were_merged_and_a_pair_waits_for_a_human():
    assert Merge.objects.count() == 1
    assert CandidatePair.objects.open().count() == 1


def test_every_certificate_has_its_file_and_there_is_no_other(demo):
    certificates = Certificate.objects.all()
    assert certificates.count() > 30
    files = {str(path.relative_to(demo)) for path in demo.rglob("*.pdf")}
    assert files == set(certificates.values_list("file", flat=True))
    states = set(certificates.values_list("state", flat=True))
    assert states == {"issued", "superseded", "revoked"}


@pytest.mark.usefixtures("demo")
def test_there_is_a_sign_in_for_every_role():
    assert set(RoleGrant.objects.values_list("role", flat=True)) == set(Role.values)
    for user in User.objects.all():
        assert user.check_password("demo")
    with_factor = {factor.user.email for factor in Authenticator.objects.all()}
    assert with_factor == {"office@demo.example", "auditor@demo.example"}


@pytest.mark.usefixtures("demo")
def test_each_demo_user_has_something_to_see():
    users = {user.email: user for user in User.objects.all()}
    trainee = users["trainee@demo.example"]
    assert Certificate.objects.visible_to(trainee).live().exists()
    assert CourseRun.objects.taught_by(users["trainer@demo.example"]).count() > 5
    assert Trainee.objects.visible_to(users["coordinator@demo.example"]).count() > 20


@pytest.mark.usefixtures("demo")
def test_demo_signins_prints_a_line_per_sign_in():
    out = io.StringIO()
    call_command("demo_signins", stdout=out)
    _heading, *lines = out.getvalue().splitlines()
    assert len(lines) == User.objects.count()
    assert any("demo_code office@demo.example" in line for line in lines)


@pytest.mark.usefixtures("demo")
def test_2024_is_signed_and_late_results_are_named_adjustments():
    report = PeriodReport.objects.earliest("ends_on")
    assert report.persons == persons(END_OF_2024, SIGNED_ON)
    changed = adjustments(report)
    assert {one.kind for one in changed.people} == {"recorded_late", "voided", "moved"}
    assert report.persons + changed.persons == persons(END_OF_2024) == changed.now.persons
    with clock.set_to(SIGNED_ON):
        assert adjustments(report).people == ()
    again = PeriodReport.objects.get(pk=report.pk)
    assert (report_pdf(again), annex(again)) == (report_pdf(report), annex(report))
    assert hash_of_list(again.names) == report.names_sha256


@pytest.mark.usefixtures("demo")
def test_2025_opens_with_adjustments_of_people_and_completions_between_sectors():
    report = PeriodReport.objects.latest("ends_on")
    assert report.content["opening"]["previous"]["ends_on"] == "2024-12-31"
    kinds = {one["kind"] for one in report.content["adjustments"]}
    assert kinds == {"recorded_late", "voided", "moved"}
    assert {one["completions"] for one in report.content["completion_changes"]} == {1, -1}
    (moved,) = (one for one in report.content["adjustments"] if one["kind"] == "moved")
    assert moved["before_agency"] != moved["after_agency"]
    assert moved["after_sector"] == "state_corporation"
    changes = [one["kind"] for row in report.content["percentages"] for one in row["changes"]]
    assert changes == ["replaced"]


@pytest.mark.usefixtures("demo")
def test_agencies_are_ahead_behind_silent_and_waiting():
    target = Target.objects.of(TRAINED_OFFICIALS).latest("due_on")
    ahead = [one.ahead for one in road_map(plans_of(target, counted()), counted())]
    assert min(ahead) < 0 < max(ahead)
    bases = [measured(row).base for row in Indicator.objects.filter(unit="percent")]
    assert all(base and base.silent and base.reported for base in bases)
    assert any(base and base.waiting for base in bases)
    assert IndicatorValue.objects.exclude(withdrawn_at=None).count() == 2


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.usefixtures("demo")
def test_a_stranger_recomputes_the_signed_figures(tmp_path, year):
    report = PeriodReport.objects.get(ends_on__year=year)
    pack = evidence_pack(by=PROGRAMME_OFFICE, report=report)
    found = recompute(pack, tmp_path, "--printed", report.pack_sha256)
    assert (found.returncode, found.stderr) == (0, "")
    assert f"persons: signed {report.persons}, recomputed {report.persons}" in found.stdout


@pytest.mark.usefixtures("demo")
def test_quotas_tasks_and_percentages_can_be_looked_at():
    states = {one.state for one in quota_statuses(Quota.objects.all(), counted())}
    assert {"met", "at_risk", "overdue"} <= states
    tasks = AgencyTask.objects.current().with_state(clock.today())
    found = task_statuses(tasks, clock.today(), clock.now())
    assert {one.state for one in found} == {"done", "done_late", "overdue", "open"}
    answers = CooperatingUnit.objects.current().exclude(agency=None)
    assert set(answers.values_list("answer", flat=True)) == {"", "accepted", "done", "refused"}
    reports = TaskReport.objects.values_list("state", flat=True)
    assert set(reports) == {"submitted", "accepted", "returned"}
    assert set(IndicatorValue.objects.values_list("state", flat=True)) == {"submitted", "accepted"}


@pytest.mark.usefixtures("demo")
def test_the_demo_mails_nobody():
    assert not Notice.objects.filter(state=NoticeState.PENDING).exists()


@pytest.mark.usefixtures("demo")
def test_a_second_demo_is_refused_in_one_line():
    people = Trainee.objects.count()
    with pytest.raises(CommandError) as refusal:
        call_command("demo")
    assert len(str(refusal.value).splitlines()) == 1
    assert Trainee.objects.count() == people


@pytest.mark.usefixtures("demo")
def test_the_explanation_of_every_person_agrees_with_the_count():
    count = counted()
    first_by_person = {person.person_id: person.first.id for person in count.people}
    for trainee in Trainee.objects.order_by("id"):
        found = explain(trainee.code, as_of=count.as_of, known_as_of=count.known_as_of)
        assert (found.first and found.first.pk) == first_by_person.get(found.person.pk), trainee
        assert bool(found.reasons) is not found.counted
