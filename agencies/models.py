from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind, IdentifierScheme, SuccessionKind, sector_of
from agencies.querysets import (
    AgencyQuerySet,
    CoordinatorQuerySet,
    SuccessionLinkQuerySet,
    SuccessionQuerySet,
    shown_name,
)
from common import clock, record_time
from common.one_line import OneLineField
from common.vietnamese import search_key, sort_key


class Agency(models.Model):
    """A state agency, group or corporation between two days.

    Keyed by its slug, since an official identifier may have belonged to another unit before.
    """

    slug = models.SlugField(unique=True)
    name_vi = OneLineField(_("name in Vietnamese"), max_length=200)
    name_en = OneLineField(_("name in English"), max_length=200, blank=True)
    short_name = OneLineField(_("short name"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=AgencyKind)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="departments"
    )
    identifier = models.CharField(_("official identifier"), max_length=20, blank=True)
    identifier_scheme = models.CharField(max_length=20, choices=IdentifierScheme, blank=True)
    identifier_confirmed = models.BooleanField(default=False)
    gso_code = models.CharField(max_length=10, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    note = models.TextField(blank=True)
    sort_key = models.CharField(max_length=700, editable=False)
    search_key = models.CharField(max_length=300, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "id")
        verbose_name_plural = "agencies"
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="agency_ends_after_it_begins",
                violation_error_message=_("An agency cannot end before it begins."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        self.sort_key = sort_key(self.name_vi)
        self.search_key = search_key(f"{self.name_vi} {self.short_name}")

    @property
    def name(self) -> str:
        return shown_name(self.name_vi, self.name_en)

    @property
    def sector(self) -> str:
        return sector_of(self.kind)


class Succession(models.Model):
    """Believed from ``recorded_at`` on, whatever its day."""

    kind = models.CharField(max_length=10, choices=SuccessionKind)
    on = models.DateField(help_text=_("The first day of the successor agency."))
    legal_basis = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=record_time.now)
    recorded_by = models.CharField(max_length=200, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=200, blank=True)
    void_reason = models.CharField(max_length=250, blank=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        ordering = ("on", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"

    @property
    def is_split(self) -> bool:
        return self.kind == SuccessionKind.SPLIT


class SuccessionLink(models.Model):
    succession = models.ForeignKey(Succession, on_delete=models.CASCADE, related_name="links")
    predecessor = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="links_to_successors"
    )
    successor = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="links_to_predecessors"
    )
    ended_predecessor = models.BooleanField(
        default=False, help_text=_("This succession determined the predecessor's last day.")
    )

    objects = SuccessionLinkQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("succession", "predecessor", "successor"), name="one_arrow_per_pair"
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")),
                name="no_agency_succeeds_itself",
                violation_error_message=_("An agency cannot succeed itself."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"


class Coordinator(models.Model):
    """An HR officer, or a deputy, who acts for an agency during a term."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="coordinatorships"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="coordinators")
    is_deputy = models.BooleanField(default=False)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    objects = CoordinatorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "agency"), name="one_term_per_user_and_agency"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.agency_id}"

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.until < clock.today()

    @property
    def is_to_come(self) -> bool:
        return self.since is not None and self.since > clock.today()
