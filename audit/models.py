"""The audit log: written once, never changed, sealed into a chain of hashes."""

from typing import Any

from django.db import models

from audit.choices import ACTIONS
from audit.querysets import AuditEntryQuerySet
from common import clock


class AuditEntry(models.Model):
    """One outermost action. The actor is stored as id and label: accounts may go, entries stay."""

    at = models.DateTimeField(default=clock.now)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    details = models.JSONField(default=dict)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("action", "at"), name="audit_entry_action_at"),
            models.Index(fields=("at",), name="audit_entry_at"),
        )
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"

    @property
    def action_label(self) -> str:
        return str(ACTIONS.get(self.action, self.action.replace("_", " ")))

    def sealed_content(self) -> dict[str, Any]:
        return {
            "id": str(self.pk),
            "at": self.at.astimezone(clock.UTC).isoformat(),
            "actor_id": None if self.actor_id is None else str(self.actor_id),
            "actor_label": self.actor_label,
            "action": self.action,
            "details": self.details,
        }


class AuditSeal(models.Model):
    """Position of one entry in the chain: the hash covers the entry and the previous seal.

    Entries are sealed later in short batches, so that no action waits for another.
    """

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="seal")
    chain_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.pk} {self.chain_hash[:12]}"


class AuditHead(models.Model):
    """Signed end of the chain after a batch: without the key nobody can rebuild the log."""

    number = models.PositiveBigIntegerField(primary_key=True)
    length = models.PositiveBigIntegerField(unique=True)
    chain_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=88)
    # A token of RFC 3161 over the signed head, where a time-stamping authority is set.
    time_stamp = models.BinaryField(null=True)
    stamped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.chain_hash[:12]}"
