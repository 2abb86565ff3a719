"""How long records are kept, what was due each year, and what was packed, handed over, deleted."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from jobs.models import Job
from retention.choices import PackageState
from retention.querysets import ArchivePackageQuerySet, RetentionRuleQuerySet


class RetentionRule(models.Model):
    """How long records of a kind are kept, from a day on. Rows are only added.

    ``years`` run from the end of the year in which a record was closed; None: retained permanently,
    or not decided yet.
    """

    kind = models.CharField(max_length=40)
    years = models.PositiveSmallIntegerField(_("years"), null=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    is_confirmed = models.BooleanField(_("confirmed by the programme office"), default=False)
    valid_from = models.DateField(_("in force from"))
    reason = models.CharField(_("reason"), max_length=250)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "-valid_from", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(legal_basis=""),
                name="a_retention_rule_has_a_reason_and_basis",
            ),
            models.CheckConstraint(
                condition=Q(years=None) | Q(years__gte=1), name="records_are_kept_for_a_year"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.years}"


class DueList(models.Model):
    """What was due at the yearly review: ``lines`` as of ``retention.services.due``."""

    year = models.PositiveSmallIntegerField(unique=True)
    lines = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-year",)

    def __str__(self) -> str:
        return f"{self.year}"


class ArchivePackage(models.Model):
    """Records of some kinds in one file for an archive, and what became of them here.

    ``lines`` say for each kind: ``kind``, ``until`` (the first day that is not packed any more),
    ``records``, ``sha256`` of their table, ``deletable`` and ``years``. A trigger keeps the row as
    it was when the records were deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lines = models.JSONField(default=list)
    purpose = models.CharField(_("purpose"), max_length=250)
    asked_at = models.DateTimeField(default=clock.now)
    # As the audit log does: whoever asked may be gone when the package is looked at.
    asked_by_id = models.BigIntegerField(null=True)
    asked_by = models.CharField(max_length=200)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    file = models.FileField(blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    handed_over_by = models.CharField(max_length=200, blank=True)
    handed_over_to = models.CharField(_("handed over to"), max_length=250, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    decision = models.CharField(_("decision"), max_length=250, blank=True)
    deleted_at = models.DateTimeField(null=True)
    records_deleted = models.PositiveBigIntegerField(default=0)
    # Files of deleted records that still lie in the store.
    left_files = models.JSONField(default=list)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)
    withdrawal_reason = models.CharField(_("reason"), max_length=250, blank=True)
    file_removed_at = models.DateTimeField(null=True)

    objects = ArchivePackageQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(approved_at__isnull=False) & ~Q(sha256=""),
                name="records_are_deleted_once_packed_and_approved",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(withdrawn_at=None),
                name="a_deletion_is_not_withdrawn",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def state(self) -> PackageState:
        if self.withdrawn_at:
            return PackageState.WITHDRAWN
        if self.deleted_at:
            return PackageState.DELETED
        if self.approved_at:
            return PackageState.APPROVED
        return PackageState.READY if self.made_at else PackageState.BEING_MADE

    @property
    def deletable_lines(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["deletable"]]
