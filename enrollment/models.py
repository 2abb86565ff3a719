"""A person's way through a run: place, seat, attendance, completion."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind, Sector
from agencies.models import Agency, Succession
from common import clock
from courses.models import CourseRun, Session
from enrollment.choices import (
    NOT_LIVE,
    EnrollmentState,
    Evidence,
    Grade,
    Mark,
    SeatMoveReason,
)
from enrollment.querysets import AttendanceQuerySet, CompletionQuerySet, EnrollmentQuerySet
from people.models import Trainee


class Enrollment(models.Model):
    """A trainee's place in a run. It keeps the sending agency for good."""

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="enrollments")
    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="enrollments")
    sending_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="enrollments_sent"
    )
    state = models.CharField(max_length=15, choices=EnrollmentState)
    state_since = models.DateTimeField(default=clock.now)
    unit = models.CharField(_("unit"), max_length=200, blank=True)
    position = models.CharField(_("position"), max_length=150, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)
    waiting_number = models.PositiveIntegerField(null=True)
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=2, null=True, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ("run", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "trainee"),
                condition=~Q(state__in=NOT_LIVE),
                name="one_live_enrollment_per_trainee_and_run",
                violation_error_message=_("This person already has a place in this class."),
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=10), name="score_of_ten"
            ),
        )
        indexes = (
            models.Index(fields=("run", "state"), name="enrollment_run_state"),
            models.Index(fields=("sending_agency", "state"), name="enrollment_sender_state"),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} @ {self.run_id}"


class SeatShare(models.Model):
    """An agency's part of a run's seats; what is unused on the release day goes to all."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="seat_shares")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="seat_shares")
    seats = models.PositiveIntegerField()
    release_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "agency"), name="one_share_per_run_and_agency"),
        )

    def __str__(self) -> str:
        return f"{self.agency_id}: {self.seats} @ {self.run_id}"


class SeatMove(models.Model):
    """One line of a run's seat ledger: who gained or lost a seat, when and why."""

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="seat_moves")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="seat_moves")
    seats = models.SmallIntegerField(help_text="+1, 0 or −1")
    reason = models.CharField(max_length=10, choices=SeatMoveReason)
    remark = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(seats__gte=-1, seats__lte=1), name="one_seat_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.seats:+d} {self.reason}"


class Attendance(models.Model):
    """A mark for one session, with the kind of evidence that it rests on."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="attendances")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    mark = models.CharField(max_length=7, choices=Mark)
    evidence = models.CharField(max_length=15, choices=Evidence)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("enrollment", "session"), name="one_mark_per_person_and_session"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrollment_id}/{self.session_id} {self.mark}"


class Completion(models.Model):
    """That a person completed a course on a day, frozen as it was on that day.

    Nothing but ``voided_at`` and ``void_reason`` ever changes (a trigger keeps it so): a
    correction voids the row and records a new one.
    """

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="completions")
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="completions")
    enrollment = models.ForeignKey(
        Enrollment, null=True, on_delete=models.PROTECT, related_name="completions"
    )
    course_code = models.CharField(max_length=20)
    periods = models.PositiveSmallIntegerField()
    completed_on = models.DateField()
    score = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    grade = models.CharField(max_length=10, choices=Grade)
    attendance_percent = models.PositiveSmallIntegerField(null=True)
    rule_met = models.CharField(max_length=120)
    evidence = models.CharField(max_length=15, choices=Evidence)
    sending_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="completions_sent"
    )
    agency_kind = models.CharField(max_length=20, choices=AgencyKind)
    sector = models.CharField(max_length=20, choices=Sector, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=250, blank=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        ordering = ("completed_on", "recorded_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("trainee", "run"),
                condition=Q(voided_at=None),
                name="one_standing_completion_per_trainee_and_run",
                violation_error_message=_("This person has already completed this class."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(void_reason__gt=""), name="a_void_has_a_reason"
            ),
        )
        indexes = (
            models.Index(fields=("trainee", "completed_on"), name="completion_of_trainee"),
            models.Index(fields=("run",), name="completion_of_run"),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} {self.course_code} {self.completed_on}"


class CompletionSplitAssignment(models.Model):
    """Which heir of a split agency sent a completion, said by a human."""

    completion = models.ForeignKey(
        Completion, on_delete=models.PROTECT, related_name="split_assignments"
    )
    succession = models.ForeignKey(Succession, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("completion", "succession"), name="one_heir_per_completion_and_split"
            ),
        )

    def __str__(self) -> str:
        return f"{self.completion_id} → {self.agency_id}"
