from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certificates.models import Key, SignerCertificate
from common import clock
from common.encryption import EncryptedJSONField
from counting.models import CountingRule, Indicator
from targets.choices import ListName
from targets.querysets import PeriodReportQuerySet


class FrozenLists(models.Model):
    """The people and completions of a report, written in parts before the report that names them.

    So a list of any length is written and read without ever being in memory as a whole.
    """

    frozen_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.pk}"


class FrozenPart(models.Model):
    """Some rows of a list, in order: ``[columns, [values, …]]``."""

    lists = models.ForeignKey(FrozenLists, on_delete=models.PROTECT, related_name="parts")
    name = models.CharField(max_length=11, choices=ListName)
    number = models.PositiveIntegerField()
    rows = EncryptedJSONField()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("lists", "name", "number"), name="one_part_of_a_list_per_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lists_id} {self.name} {self.number}"


class PeriodReport(models.Model):
    """A signed-off figure, frozen with its names, rule and instant.

    ``persons`` counts everybody up to ``ends_on``, ``new_persons`` those first counted within the
    period. ``content`` is all that is printed besides the two lists. Only the fields of the
    re-opening may change, which a trigger enforces.
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
    # Reports of release 1.0 have no parts: people are here, completions in ``content``.
    names_in_one = EncryptedJSONField(default=list, db_column="names")
    lists = models.OneToOneField(FrozenLists, null=True, on_delete=models.PROTECT)
    content = EncryptedJSONField(default=dict)
    names_sha256 = models.CharField(max_length=64)
    # Of the whole evidence pack; empty for reports of release 1.0, whose hash covers the list.
    pack_sha256 = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(default=clock.now)
    signed_by = models.CharField(max_length=200)
    # The job that signed it: run again, it finds its report instead of signing once more.
    signed_in_job = models.UUIDField(null=True, unique=True)
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
    def names(self) -> list[dict[str, Any]]:
        """Everybody in order; of a long report read ``people`` one by one instead."""
        return list(self.people())

    def people(self) -> Iterator[dict[str, Any]]:
        return self._rows(ListName.PEOPLE) if self.lists_id else iter(self.names_in_one)

    def counted_completions(self) -> Iterator[dict[str, Any]]:
        """Every completion that counted, in the order of their days."""
        if self.lists_id:
            return self._rows(ListName.COMPLETIONS)
        return iter(self.content.get("completions", ()))

    def _rows(self, name: ListName) -> Iterator[dict[str, Any]]:
        parts = FrozenPart.objects.filter(lists=self.lists_id, name=name).order_by("number")
        for part in parts.iterator(chunk_size=1):
            columns, rows = part.rows
            for values in rows:
                yield dict(zip(columns, values, strict=True))

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
