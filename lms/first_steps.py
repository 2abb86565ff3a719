"""From an empty site to the first certificate: eight steps, each with its state."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Role
from accounts.models import RoleGrant
from agencies.models import Coordinator
from certificates.choices import KeyUse
from certificates.models import CertificateDesign, Key, Signer
from certificates.services.printed_fields import signers_in_force
from common import clock
from courses.models import Course, CourseRun
from targets.models import Quota


@dataclass(frozen=True, slots=True)
class Step:
    title: Promise
    why: Promise
    button: Promise
    route: str
    is_done: Callable[[], bool]
    query: str = ""

    @property
    def href(self) -> str:
        return reverse(self.route) + self.query


STEPS = (
    Step(
        _("Issuing body and signer"),
        _("Name of the body, title, authority (TM., TL., KT.) and term of the signer"),
        _("Enter the signer"),
        "issuers",
        lambda: signers_in_force(clock.today()).filter(is_sample=False).exists(),
    ),
    Step(
        _("Signing key"),
        _("Signs every certificate; installed on the server with manage.py certificate_key"),
        _("Issuing bodies and keys"),
        "issuers",
        lambda: Key.objects.signing(KeyUse.SIGNATURE, clock.now()).exists(),
    ),
    Step(
        _("Certificate design"),
        _("Wording and layout; the default design can be used as it is"),
        _("Choose a design"),
        "certificate_designs",
        lambda: CertificateDesign.objects.filter(is_default=True).exists(),
    ),
    Step(
        pgettext_lazy("first steps", "Trainer"),
        _("Invited by e-mail; takes attendance, enters scores and closes the class"),
        _("Invite a trainer"),
        "new_account",
        lambda: RoleGrant.objects.filter(role=Role.TRAINER).exists(),
        "?role=trainer",
    ),
    Step(
        pgettext_lazy("first steps", "Coordinator"),
        _("Acts for one agency: each agency that nominates needs at least one"),
        _("Choose the agency"),
        "agencies",
        Coordinator.objects.exists,
    ),
    Step(
        pgettext_lazy("first steps", "Course"),
        _("The reference courses are ready: choose those to be offered and describe them"),
        _("Choose courses"),
        "courses",
        lambda: Course.objects.offered().exclude(description_vi="").exists(),
    ),
    Step(
        _("First class"),
        _("Dates, venue, seats, trainers"),
        _("New class"),
        "new_run",
        lambda: CourseRun.objects.of_the_programme().exists(),
    ),
    Step(
        _("Quotas"),
        _("How many people each agency is to send, and by when; may also be done later"),
        _("Allocate quotas"),
        "new_quota",
        lambda: Quota.objects.current().exists(),
    ),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """``steps`` with whether each is done and whether it is the next one to do."""

    steps: list[tuple[Step, bool, bool]]
    sample: Signer | None

    @property
    def done(self) -> int:
        return sum(is_done for _step, is_done, _is_next in self.steps)

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def is_complete(self) -> bool:
        return self.done == self.total


def progress_of_first_steps() -> Progress:
    done = [step.is_done() for step in STEPS]
    ahead = done.index(False) if False in done else len(done)
    sample = signers_in_force(clock.today()).filter(is_sample=True).first()
    steps = [(step, done[n], n == ahead) for n, step in enumerate(STEPS)]
    return Progress(steps, sample if not done[0] else None)
