from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from counting.models import Indicator
from targets.choices import ValueState
from targets.models.submissions import Submission
from targets.querysets import IndicatorValueQuerySet


class IndicatorValue(Submission):
    """Numerator and denominator of an agency on a day, with the evidence file.

    It counts from the instant of its acceptance, until a value for a later day is accepted or it
    is withdrawn; ``replaced_by`` is the value that was accepted in its place at that instant.
    """

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="reported_values"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="indicator_values")
    numerator = models.PositiveIntegerField(_("numerator"))
    denominator = models.PositiveIntegerField(_("denominator"))
    measured_on = models.DateField(_("as of"))
    remark = models.CharField(_("remarks"), max_length=250, blank=True)
    evidence = models.FileField(_("evidence file"), upload_to="indicators/%Y/")
    evidence_sha256 = models.CharField(max_length=64)

    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.CharField(max_length=200, blank=True, editable=False)
    withdrawal_reason = models.CharField(max_length=250, blank=True, editable=False)
    replaced_by = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces", editable=False
    )

    objects = IndicatorValueQuerySet.as_manager()

    class Meta:
        ordering = ("-submitted_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(denominator__gte=1),
                name="a_percentage_has_a_denominator",
                violation_error_message=_("A percentage needs a denominator of at least 1."),
            ),
            models.CheckConstraint(
                condition=Q(numerator__lte=F("denominator")),
                name="a_part_is_within_its_whole",
                violation_error_message=_("The numerator cannot exceed the denominator."),
            ),
            models.CheckConstraint(
                condition=Q(state=ValueState.SUBMITTED) | Q(decided_at__isnull=False),
                name="a_decision_has_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None)
                | Q(state=ValueState.ACCEPTED, withdrawal_reason__gt=""),
                name="a_withdrawal_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.numerator}/{self.denominator} {self.measured_on}"
