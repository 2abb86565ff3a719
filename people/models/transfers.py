from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock
from people.choices import TransferState
from people.querysets import TransferRequestQuerySet


class TransferRequest(models.Model):
    """An agency that nominated another agency's person asks that they be transferred to it.

    Nothing of the person changes until it is accepted. The agency where the person works on that
    day decides. ``name_as_sent`` is the name as the sender wrote it, and all that it is shown.
    """

    trainee = models.ForeignKey(
        "people.Trainee", on_delete=models.PROTECT, related_name="transfer_requests"
    )
    to_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="transfers_asked_for"
    )
    name_as_sent = models.CharField(_("name as submitted"), max_length=100, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=TransferState, default=TransferState.PENDING
    )
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.CharField(max_length=200)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=250, blank=True)

    objects = TransferRequestQuerySet.as_manager()

    is_open: bool  # of ``with_person_for``, which knows the reader

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("trainee", "to_agency"),
                condition=Q(state="pending"),
                name="one_open_transfer_request_per_person_and_agency",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | Q(reason__gt=""),
                name="a_declined_transfer_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} → {self.to_agency_id}: {self.state}"


class RefusedMatch(models.Model):
    """A row that conflicted with data of somebody whom its sender may not know.

    Stored for a day as a keyed digest, to be counted. ``source`` is the list that still contains
    it.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    actor_id = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agency", "digest"), name="one_refused_match_per_try"),
        )
        indexes = (models.Index(fields=("actor_id", "at"), name="refused_match_of_actor"),)

    def __str__(self) -> str:
        return f"{self.agency_id} {self.at:%d/%m/%Y}"
