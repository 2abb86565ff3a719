"""A person's way through a run: enrollment, seat, attendance, completion."""

from typing import Any, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind, Sector
from agencies.models import Agency, Succession
from common import clock, record_time
from common.person_names import PersonNameField
from courses.models import CourseRun, Session
from enrollment.choices import (
    NOT_LIVE,
    EnrollmentState,
    Evidence,
    Grade,
    Mark,
    SkipReason,
    TraineeKind,
)
from enrollment.models.messages import ClassMessage as ClassMessage
from enrollment.models.messages import ClassMessageFile as ClassMessageFile
from enrollment.models.messages import ClassMessageRecipient as ClassMessageRecipient
from enrollment.models.seats import SeatMove as SeatMove
from enrollment.models.seats import SeatShare as SeatShare
from enrollment.querysets import (
    AttendanceQuerySet,
    CompletionQuerySet,
    EnrollmentQuerySet,
    NominationLetterQuerySet,
)
from people.models import Trainee

# Text added after release 1.0: the database's own default, since what inserts in SQL, or by the
# release before while it still runs, knows nothing of the column.
_ADDED: Final[dict[str, Any]] = {"blank": True, "default": "", "db_default": ""}


class NominationLetter(models.Model):
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="letters")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="letters")
    number = models.CharField(_("number and symbol"), max_length=60)
    dated = models.DateField(_("date"))
    signer_name = PersonNameField(_("signer"), max_length=150, blank=True)
    signer_title = models.CharField(_("signer's title"), max_length=150, blank=True)
    file = models.FileField(_("file"), upload_to="letters/%Y/", blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    objects = NominationLetterQuerySet.as_manager()

    class Meta:
        ordering = ("dated", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "agency", "number", "dated"), name="one_letter_per_number_and_day"
            ),
        )

    def __str__(self) -> str:
        return self.number


class Enrollment(models.Model):
    """A trainee in a run. The sending agency never changes, unlike the trainee's agency."""

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="enrollments")
    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="enrollments")
    sending_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="enrollments_sent"
    )
    state = models.CharField(max_length=15, choices=EnrollmentState)
    state_since = models.DateTimeField(default=clock.now)
    # The last state that person and agency heard of; the first day that the person was reminded of.
    announced_state = models.CharField(max_length=15, **_ADDED)
    reminded_of = models.DateField(null=True)
    unit = models.CharField(_("unit"), max_length=200, blank=True)
    position = models.CharField(_("position"), max_length=150, blank=True)
    trainee_kind = models.CharField(
        _("official or expert"), max_length=10, choices=TraineeKind, **_ADDED
    )
    remarks = models.CharField(_("remarks"), max_length=250, blank=True)
    withdrawal_reason = models.CharField(_("withdrawal reason"), max_length=250, blank=True)
    letter = models.ForeignKey(
        NominationLetter, null=True, on_delete=models.PROTECT, related_name="enrollments"
    )
    agency_approved_at = models.DateTimeField(null=True)
    agency_approved_by = models.CharField(max_length=200, blank=True)
    waiting_number = models.PositiveIntegerField(null=True)
    skipped_because = models.CharField(max_length=14, choices=SkipReason, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=2, null=True, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)

    objects = EnrollmentQuerySet.as_manager()

    # Annotated by ``with_person_for``.
    person_visibility: int
    name_as_sent: str

    class Meta:
        ordering = ("run", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "trainee"),
                condition=~Q(state__in=NOT_LIVE),
                name="one_live_enrollment_per_trainee_and_run",
                violation_error_message=_("This person is already enrolled in this class."),
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=10), name="score_of_ten"
            ),
            models.UniqueConstraint(
                fields=("run", "waiting_number"),
                condition=Q(state=EnrollmentState.WAITLISTED),
                name="one_waiting_number_per_run",
            ),
            models.CheckConstraint(
                condition=~Q(state=EnrollmentState.WAITLISTED) | Q(waiting_number__isnull=False),
                name="waitlisted_has_a_number",
            ),
        )
        indexes = (
            models.Index(fields=("run", "state"), name="enrollment_run_state"),
            models.Index(fields=("sending_agency", "state"), name="enrollment_sender_state"),
            models.Index(
                fields=("id",), condition=~Q(state=F("announced_state")), name="unannounced"
            ),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} @ {self.run_id}"

    @property
    def displayed_name(self) -> str:
        """The name as far as the reader of ``with_person_for`` may know it."""
        if self.person_visibility:
            return self.trainee.full_name
        return self.name_as_sent or self.trainee.code


class Attendance(models.Model):
    """A mark for one session, with the kind of evidence behind it.

    ``earlier`` lists previous marks, oldest first, with keys mark, evidence, at, by.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="attendances")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    mark = models.CharField(max_length=7, choices=Mark)
    evidence = models.CharField(max_length=15, choices=Evidence)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)
    earlier = models.JSONField(default=list, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("enrollment", "session"), name="one_mark_per_person_and_session"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrollment_id}/{self.session_id} {self.mark}"


class ScoreEntry(models.Model):
    """One recorded score: the first, a correction or a re-sit. Rows are only added."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="scores")
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=2)
    sat_on = models.DateField(null=True, blank=True, help_text=_("Date of the re-sit."))
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=10), name="score_entry_of_ten"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrollment_id} {self.score}"


class CompletionException(models.Model):
    """Lets somebody complete although the completion rule is not met.

    ``earlier`` lists previous grants, oldest first, with keys reason, at, by.
    """

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="exception"
    )
    reason = models.CharField(_("reason"), max_length=250)
    granted_at = models.DateTimeField(default=clock.now)
    granted_by = models.CharField(max_length=200)
    earlier = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(reason__gt=""), name="an_exception_has_a_reason"),
        )

    def __str__(self) -> str:
        return self.reason


class PaperEvidence(models.Model):
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="paper_evidence")
    file = models.FileField(_("scan"), upload_to="evidence/%Y/")
    sha256 = models.CharField(max_length=64)
    title = models.CharField(_("title"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("run", "sha256"), name="one_row_per_scan_and_run"),
        )

    def __str__(self) -> str:
        return self.title or str(self.file.name)

    @property
    def shown_title(self) -> str:
        return self.title or str(self.file.name).rpartition("/")[2]


class Completion(models.Model):
    """A completed course, frozen as it was on the day of completion.

    A trigger refuses every change but ``voided_at`` and ``void_reason``: a correction voids the
    row and records a new one. Erasing a person blanks the remark and the reason of the day once.

    Every change leaves a ``people.PendingChange``, from which the counter learns of it.
    """

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="completions")
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="completions")
    enrollment = models.ForeignKey(
        Enrollment, null=True, on_delete=models.PROTECT, related_name="completions"
    )
    course_code = models.CharField(max_length=20)
    periods = models.PositiveSmallIntegerField()
    completed_on = models.DateField()
    day_reason = models.CharField(_("reason for a day outside the class"), max_length=250, **_ADDED)
    hours = models.DecimalField(
        max_digits=6, decimal_places=1, null=True, help_text="Of a course held elsewhere."
    )
    score = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    grade = models.CharField(max_length=10, choices=Grade)
    attendance_percent = models.PositiveSmallIntegerField(null=True)
    rule_met = models.CharField(max_length=120)
    remark = models.CharField(max_length=250, blank=True)
    evidence = models.CharField(max_length=15, choices=Evidence)
    paper = models.ForeignKey(
        PaperEvidence, null=True, on_delete=models.PROTECT, related_name="completions"
    )
    corrects = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    sending_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="completions_sent"
    )
    agency_kind = models.CharField(max_length=20, choices=AgencyKind)
    sector = models.CharField(max_length=20, choices=Sector, blank=True)
    trainee_kind = models.CharField(max_length=10, choices=TraineeKind, **_ADDED)
    recorded_at = models.DateTimeField(default=record_time.now)
    recorded_by = models.CharField(max_length=200)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=250, blank=True)
    erased_at = models.DateTimeField(null=True, help_text="When the remark was erased.")

    objects = CompletionQuerySet.as_manager()

    class Meta:
        ordering = ("completed_on", "recorded_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("trainee", "run"),
                condition=Q(voided_at=None),
                name="one_valid_completion_per_trainee_and_run",
                violation_error_message=_("This person has already completed this class."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(void_reason__gt=""), name="a_void_has_a_reason"
            ),
        )
        indexes = (
            models.Index(fields=("trainee", "completed_on"), name="completion_of_trainee"),
            models.Index(fields=("run",), name="completion_of_run"),
            # How many there are tells whether any has been voided since.
            models.Index(
                fields=("id",), condition=Q(voided_at__isnull=False), name="completion_voided"
            ),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} {self.course_code} {self.completed_on}"

    @property
    def is_outside_class_days(self) -> bool:
        in_class = self.run.starts_on <= self.completed_on <= self.run.ends_on
        return not (in_class or self.run.is_outside)


class CompletionSplitAssignment(models.Model):
    """The successor of a split agency to which somebody assigned a completion."""

    completion = models.ForeignKey(
        Completion, on_delete=models.PROTECT, related_name="split_assignments"
    )
    succession = models.ForeignKey(Succession, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=record_time.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("completion", "succession"), name="one_successor_per_completion_and_split"
            ),
        )

    def __str__(self) -> str:
        return f"{self.completion_id} → {self.agency_id}"
