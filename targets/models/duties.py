from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock, record_time
from counting.models import Indicator
from targets.choices import ReportingInterval
from targets.querysets import ReportingDutyQuerySet


class ReportingDuty(models.Model):
    """Which agencies have to report an indicator from a day on, and how often.

    Agencies of the kinds or sectors, without their departments, and those that are named. A row is
    never changed: of two for one day, the one recorded later holds.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="duties")
    since = models.DateField(_("applies from"))
    kinds = models.JSONField(_("kinds of agency"), default=list, blank=True)
    sectors = models.JSONField(_("sectors"), default=list, blank=True)
    agencies = models.ManyToManyField(Agency, blank=True, related_name="+")
    months = models.PositiveSmallIntegerField(
        _("to be reported"), choices=ReportingInterval, default=ReportingInterval.YEAR
    )
    days_to_report = models.PositiveSmallIntegerField(_("days to report"), default=30)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=250)
    recorded_at = models.DateTimeField(default=record_time.now)
    recorded_by = models.CharField(max_length=200)

    objects = ReportingDutyQuerySet.as_manager()

    class Meta:
        ordering = ("-since", "-recorded_at", "-id")

    def __str__(self) -> str:
        return f"{self.indicator_id} from {self.since}"


class ReportingReminder(models.Model):
    """That an agency was reminded to report an indicator: once for each period."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="reminders")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="reminders")
    period_ends_on = models.DateField()
    sent_at = models.DateTimeField(default=clock.now)
    sent_by = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "agency", "period_ends_on"),
                name="one_reminder_per_agency_and_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.period_ends_on}"
