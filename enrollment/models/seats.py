"""The seats of a run: shares of agencies, and the ledger."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock
from courses.models import CourseRun
from enrollment.choices import SeatMoveReason, SkipReason
from enrollment.querysets import SeatShareQuerySet


class SeatShare(models.Model):
    """Seats of a run reserved for an agency; those unused on the release day are open to all."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="seat_shares")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="seat_shares")
    seats = models.PositiveIntegerField()
    release_on = models.DateField(
        null=True,
        blank=True,
        help_text=_(
            "From this day unused seats are open to everyone; leave blank for "
            "the day on which the class starts."
        ),
    )
    released_at = models.DateTimeField(null=True, editable=False)

    objects = SeatShareQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "agency"), name="one_share_per_run_and_agency"),
            models.CheckConstraint(
                condition=Q(seats__gte=1),
                name="a_share_has_a_seat",
                violation_error_message=_("A seat share needs at least one seat."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id}: {self.seats} @ {self.run_id}"


class SeatMove(models.Model):
    """One line of a run's seat ledger: who gained or lost a seat, when and why.

    A line without an enrollment says why the number of seats itself changed.
    """

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="seat_moves")
    enrollment = models.ForeignKey(
        "Enrollment", null=True, on_delete=models.PROTECT, related_name="seat_moves"
    )
    seats = models.SmallIntegerField(help_text="+1, 0 or −1")
    reason = models.CharField(max_length=10, choices=SeatMoveReason)
    remark = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True, help_text="When the remark was erased.")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(seats__gte=-1, seats__lte=1), name="one_seat_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(enrollment__isnull=False) | Q(seats=0), name="a_seat_is_somebodys"
            ),
        )

    def __str__(self) -> str:
        return f"{self.seats:+d} {self.reason}"

    @property
    def shown_remark(self) -> str:
        """Why somebody was skipped is stored as a code, and shown in the reader's language."""
        if self.reason == SeatMoveReason.SKIPPED and self.remark in SkipReason.values:
            return str(SkipReason(self.remark).label)
        return self.remark
