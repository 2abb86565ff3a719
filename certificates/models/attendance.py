"""Confirmations of attendance: for whoever took part in a class without completing it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.designs import Signer
from certificates.models.register import RegisteredPaper
from certificates.querysets import ConfirmationQuerySet
from enrollment.models import Enrollment


class AttendanceConfirmation(RegisteredPaper):
    """Says which sessions somebody attended. No certificate: it counts for nothing.

    It has a table and a register of its own, so that nothing that asks for certificates finds it.
    """

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="attendance_confirmations"
    )
    signer = models.ForeignKey(Signer, on_delete=models.PROTECT, related_name="+")

    objects = ConfirmationQuerySet.as_manager()

    class Meta(RegisteredPaper.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("register", "year", "register_number"), name="one_confirmation_per_number"
            ),
            models.UniqueConstraint(
                fields=("enrollment",),
                condition=Q(state="issued"),
                name="one_live_confirmation_per_enrollment",
                violation_error_message=_("This person already has a confirmation of attendance."),
            ),
            models.CheckConstraint(
                condition=~Q(state="revoked")
                | Q(revoked_at__isnull=False, revocation_reason__gt=""),
                name="a_revoked_confirmation_has_a_date_and_a_reason",
            ),
        )
