import datetime as dt
import uuid
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.invalidation import Secret
from accounts.models import BoundToAccount
from common import clock
from common.one_line import OneLineField
from common.person_names import PersonNameField
from courses.choices import (
    ApprovalPolicy,
    CalendarScope,
    DecisionKind,
    Delivery,
    GradingScale,
    RunState,
)
from courses.querysets import (
    CalendarEventQuerySet,
    CourseQuerySet,
    CourseRunQuerySet,
    SessionQuerySet,
)

# The capacity of a self-paced class without a number of seats.
ENDLESS_SEATS: Final = 1_000_000


def in_reader_language(vi: str, en: str) -> str:
    return en if get_language() == "en" and en else vi


class Course(models.Model):
    code = models.CharField(_("code"), max_length=20, unique=True)
    title_vi = OneLineField(_("title in Vietnamese"), max_length=250)
    title_en = OneLineField(_("title in English"), max_length=250, blank=True)
    description_vi = models.TextField(_("description in Vietnamese"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    periods = models.PositiveSmallIntegerField(_("periods"))
    days = models.PositiveSmallIntegerField(_("days"), default=1)
    delivery = models.CharField(_("delivery"), max_length=10, choices=Delivery)
    minimum_attendance = models.PositiveSmallIntegerField(_("minimum attendance (%)"), default=80)
    minimum_score = models.DecimalField(
        _("minimum score"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    grading = models.CharField(
        _("grading"), max_length=10, choices=GradingScale, default=GradingScale.PASS_FAIL
    )
    approval = models.CharField(
        _("approval"), max_length=6, choices=ApprovalPolicy, default=ApprovalPolicy.NONE
    )
    good_from = models.DecimalField(
        _("“good” from"), max_digits=4, decimal_places=2, default=Decimal(8)
    )
    fair_from = models.DecimalField(
        _("“fair” from"), max_digits=4, decimal_places=2, default=Decimal(7)
    )
    # What the course teaches as a published framework names it; certificates refer to it.
    competency_name = OneLineField(
        _("competency"), max_length=200, blank=True, default="", db_default=""
    )
    competency_framework = OneLineField(
        _("competency framework"), max_length=200, blank=True, default="", db_default=""
    )
    competency_url = models.URLField(
        _("address of the competency"), blank=True, default="", db_default=""
    )
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="required_by"
    )
    walk_ins_allowed = models.BooleanField(_("walk-ins allowed"), default=False)
    recognised_by_office = models.BooleanField(
        _("results recognised by the programme office"), default=False
    )
    bare_birth_years = models.BooleanField(_("birth year alone accepted"), default=True)
    is_offered = models.BooleanField(_("offered"), default=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=Q(minimum_attendance__lte=100), name="attendance_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=Q(competency_name="", competency_url="")
                | ~Q(competency_name="") & ~Q(competency_url=""),
                name="a_competency_has_a_name_and_an_address",
                violation_error_message=_("Give both the name and the address of the competency."),
            ),
            models.CheckConstraint(
                condition=Q(good_from__gte=F("fair_from"), good_from__lte=10, fair_from__gte=0),
                name="good_is_better_than_fair",
                violation_error_message=_(
                    "The threshold for “good” must be at or above “fair”, both at most 10."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class CourseRun(models.Model):
    """One class of a course, with dates and seats.

    Only the services of ``enrollment`` change ``seats_taken``, ``seats_shared`` (reserved for
    agencies) and ``waiting_numbers`` (how many were given out), with the row locked.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="runs")
    code = models.CharField(_("class code"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.OPEN)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    venue = OneLineField(_("venue"), max_length=200, blank=True)
    link = models.URLField(_("link"), blank=True)
    capacity = models.PositiveIntegerField(_("seats"))
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    seats_shared = models.PositiveIntegerField(default=0, editable=False)
    waiting_numbers = models.PositiveIntegerField(default=0, editable=False)
    enrollment_opens_on = models.DateField(_("enrollment opens"), null=True, blank=True)
    enrollment_closes_on = models.DateField(_("enrollment closes"), null=True, blank=True)
    closing_proposed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closing_proposed_by = models.CharField(max_length=200, blank=True, editable=False)
    cancelled_because = models.CharField(_("reason"), max_length=250, blank=True, editable=False)
    # A course held elsewhere, which the office matches to one of its own. It has no seats. The
    # database's own default: what inserts by the release before knows no such classes.
    platform = OneLineField(
        _("platform"), max_length=100, blank=True, default="", db_default="", editable=False
    )
    outside_title = OneLineField(
        _("course there"), max_length=200, blank=True, default="", db_default="", editable=False
    )
    outside_key = models.CharField(
        max_length=320, blank=True, default="", db_default="", editable=False
    )

    # Without sessions: open between its days, completed person by person.
    is_self_paced = models.BooleanField(_("self-paced"), default=False, db_default=False)

    objects = CourseRunQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "code")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="run_ends_after_it_starts",
                violation_error_message=_("A class cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, outside_key="") | (~Q(outside_key="") & Q(capacity=0)),
                name="run_has_a_seat",
                violation_error_message=_("A class needs at least one seat."),
            ),
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("capacity")),
                name="seats_taken_within_capacity",
                violation_error_message=_("More people have a seat than there are seats."),
            ),
            models.CheckConstraint(
                condition=Q(seats_shared__lte=F("capacity")),
                name="seat_shares_within_capacity",
                violation_error_message=_("The seat shares add up to more than the seats."),
            ),
            models.CheckConstraint(
                condition=Q(enrollment_opens_on=None)
                | Q(enrollment_closes_on=None)
                | Q(enrollment_closes_on__gte=F("enrollment_opens_on")),
                name="enrollment_closes_after_it_opens",
                violation_error_message=_("Enrollment cannot close before it opens."),
            ),
            models.UniqueConstraint(
                fields=("outside_key",),
                condition=~Q(outside_key=""),
                name="one_match_per_outside_course",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def is_outside(self) -> bool:
        return bool(self.outside_key)

    @property
    def is_over(self) -> bool:
        """Past its last day, but not closed yet."""
        return self.state in (RunState.OPEN, RunState.RUNNING) and self.ends_on < clock.today()

    @property
    def is_running(self) -> bool:
        """Begun, and not closed or over."""
        is_open = self.state in (RunState.OPEN, RunState.RUNNING)
        return is_open and self.starts_on <= clock.today() <= self.ends_on

    @property
    def mail_thread(self) -> str:
        return f"class-{self.pk}"

    def takes_enrollment(self, day: dt.date) -> bool:
        """Whether a day lies in its enrollment window, which ends with the run at the latest."""
        opened = self.enrollment_opens_on is None or self.enrollment_opens_on <= day
        last = min(self.enrollment_closes_on or self.ends_on, self.ends_on)
        return self.state in (RunState.OPEN, RunState.RUNNING) and opened and day <= last

    @property
    def has_endless_seats(self) -> bool:
        return self.capacity >= ENDLESS_SEATS

    @property
    def seats_left(self) -> int:
        return self.capacity - self.seats_taken


class Session(models.Model):
    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    topic = OneLineField(_("topic"), max_length=250, blank=True)
    is_mandatory = models.BooleanField(_("mandatory"), default=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("run", "number")
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="one_session_per_number"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_it_starts",
                violation_error_message=_("A session cannot end before it starts."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"


class CalendarEvent(models.Model):
    """What calendars are told of a session; it stays when the session is gone.

    ``courses.services.calendar`` writes it; ``sequence`` grows with each change.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="calendar_events")
    session = models.OneToOneField(
        Session, null=True, on_delete=models.SET_NULL, related_name="calendar_event"
    )
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=clock.now)
    cancelled_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    topic = models.CharField(max_length=250, blank=True)
    title_vi = models.CharField(max_length=250)
    title_en = models.CharField(max_length=250, blank=True)
    venue = models.CharField(max_length=200, blank=True)
    link = models.URLField(blank=True)

    objects = CalendarEventQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")

    def __str__(self) -> str:
        return f"{self.uid} {self.sequence}"

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class CalendarAddress(BoundToAccount):
    """A secret address at which a calendar program reads sessions, without signing in.

    Only the digest of its secret is stored: a copied database opens nothing. What it shows is asked
    with its owner's rights each time it is read.
    """

    secret = Secret.CALENDAR

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_addresses"
    )
    scope = models.CharField(max_length=10, choices=CalendarScope)
    run = models.ForeignKey(
        CourseRun, null=True, on_delete=models.CASCADE, related_name="calendar_addresses"
    )
    digest = models.CharField(max_length=64, unique=True)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("scope", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(scope="run", run__isnull=False)
                | (~Q(scope="run") & Q(run__isnull=True)),
                name="calendar_of_a_run_names_it",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.scope}"


class RunTrainer(models.Model):
    """A trainer with an account, or a guest speaker without one."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="trainers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="runs_taught",
    )
    guest_name = models.CharField(_("guest speaker"), max_length=150, blank=True)
    guest_title = models.CharField(_("title or agency"), max_length=150, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "user"), name="one_place_per_trainer_and_run"),
            models.UniqueConstraint(
                fields=("run", "guest_name"),
                condition=Q(user=None),
                name="one_place_per_guest_and_run",
            ),
            models.CheckConstraint(
                condition=Q(user=None, guest_name__gt="") | Q(user__isnull=False, guest_name=""),
                name="trainer_is_a_user_or_a_guest",
            ),
        )

    def __str__(self) -> str:
        return self.guest_name or str(self.user)


class Material(models.Model):
    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="materials")
    title = models.CharField(_("title"), max_length=200)
    file = models.FileField(upload_to="materials/%Y/")
    added_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.title


class OfficialDecision(models.Model):
    """A class-opening or recognition decision, as certificates and lists print it."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=15, choices=DecisionKind)
    number = OneLineField(_("number and symbol"), max_length=60)
    dated = models.DateField(_("date"))
    parent_body = OneLineField(_("parent body of the issuing body"), max_length=200, blank=True)
    issuing_body = OneLineField(_("issuing body"), max_length=200, blank=True)
    place = OneLineField(_("place of issue"), max_length=100, blank=True)
    signer_name = PersonNameField(_("signer"), max_length=150, blank=True)
    signer_title = OneLineField(_("signer's title"), max_length=150, blank=True)
    file = models.FileField(_("file"), upload_to="decisions/%Y/", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "kind"), name="one_decision_per_run_and_kind"),
        )

    def __str__(self) -> str:
        return self.number
