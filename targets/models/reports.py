from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certificates.models import Key, SignerCertificate
from common import clock
from common.encryption import EncryptedJSONField
from counting.models import CountingRule, Indicator
from targets.querysets import PeriodReportQuerySet


class PeriodReport(models.Model):
    """A signed-off figure, frozen with its names, rule and instant.

    ``persons`` counts everybody up to ``ends_on``, ``new_persons`` those first counted within the
    period. ``names`` is the list in order, ``content`` all else that is printed. Only the fields
    of the re-opening may change, which a trigger enforces.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="reports")
    starts_on = models.DateField()
    ends_on = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(_("number and symbol"), max_length=60, blank=True)
    rule = models.ForeignKey(CountingRule, on_delete=models.PROTECT, related_name="+")
    known_as_of = models.DateTimeField()
    persons = models.PositiveIntegerField()
    new_persons = models.PositiveIntegerField(default=0)
    completions = models.PositiveIntegerField()
    names = EncryptedJSONField()
    content = EncryptedJSONField(default=dict)
    names_sha256 = models.CharField(max_length=64)
    # Of the whole evidence pack; empty for reports of release 1.0, whose hash covers the list.
    pack_sha256 = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(default=clock.now)
    signed_by = models.CharField(max_length=200)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=200, blank=True)
    reopen_reason = models.CharField(max_length=250, blank=True)

    objects = PeriodReportQuerySet.as_manager()

    class Meta:
        ordering = ("ends_on", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "ends_on", "version"), name="one_report_per_period_and_version"
            ),
            models.UniqueConstraint(
                fields=("indicator", "ends_on"),
                condition=Q(reopened_at=None),
                name="one_signed_report_per_period",
                violation_error_message=_("This period has been signed in the meantime."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="a_period_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None) | Q(reopen_reason__gt=""),
                name="a_reopening_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.code}"

    @property
    def code(self) -> str:
        """The key in addresses: ``2024-12-31-v1``."""
        return f"{self.ends_on:%Y-%m-%d}-v{self.version}"

    @property
    def is_in_force(self) -> bool:
        """Whether this version has not been re-opened."""
        return self.reopened_at is None


class ReportDocument(models.Model):
    """The PDF of a report with its digital signature: by a key of ours, or made outside.

    ``fingerprint`` is the SHA-256 of the certificate by which the last signature was made.
    The row is never changed: a reopened report keeps its own.
    """

    report = models.OneToOneField(PeriodReport, on_delete=models.PROTECT, related_name="document")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    signer = models.CharField(max_length=250)
    fingerprint = models.CharField(max_length=64)
    signing_key = models.ForeignKey(Key, null=True, on_delete=models.PROTECT, related_name="+")
    trusted_by = models.ForeignKey(
        SignerCertificate, null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(signing_key__isnull=False) | Q(trusted_by__isnull=False),
                name="a_signature_rests_on_a_key_or_certificate",
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id}: {self.signer}"
