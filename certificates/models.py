"""Certificates, their register, and those in whose name they are issued."""

import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.choices import CertificateState, SigningAuthority
from certificates.querysets import CertificateQuerySet, InForceQuerySet
from common import clock
from enrollment.models import Completion

_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_verification_code() -> str:
    """An unguessable code (79 bits) in four groups of four: ``7K3M-9QXB-TFW2-HD8P``."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


class IssuingBody(models.Model):
    """The body that issues certificates during a term; ministries change."""

    name = models.CharField(_("name"), max_length=200)
    parent_name = models.CharField(_("parent body"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=80)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = InForceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "issuing bodies"

    def __str__(self) -> str:
        return self.name


class Signer(models.Model):
    """Who signs for an issuing body, in which capacity, during a term."""

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="signers")
    name = models.CharField(_("name"), max_length=150)
    title = models.CharField(_("title"), max_length=150)
    authority = models.CharField(max_length=4, choices=SigningAuthority, blank=True)
    signature_image = models.ImageField(upload_to="signatures/", blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = InForceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.authority} {self.title} {self.name}".strip()


class CertificateDesign(models.Model):
    """One version of a design. A version that has issued anything never changes."""

    slug = models.SlugField()
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=120)
    html = models.TextField()
    css = models.TextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("slug", "-version")
        constraints = (
            models.UniqueConstraint(fields=("slug", "version"), name="one_design_per_version"),
            models.UniqueConstraint(
                fields=("is_default",),
                condition=Q(is_default=True),
                name="one_default_certificate_design",
            ),
        )

    def __str__(self) -> str:
        return f"{self.slug} {self.version}"


class RegisterYear(models.Model):
    """The last number given in a register in a year: gapless, moved under lock."""

    register = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("register", "year"), name="one_row_per_register_year"),
        )

    def __str__(self) -> str:
        return f"{self.register} {self.year}: {self.last_number}"


class Certificate(models.Model):
    """What was issued to somebody: frozen texts, bytes and numbers. Never deleted."""

    completion = models.ForeignKey(
        Completion, on_delete=models.PROTECT, related_name="certificates"
    )
    register = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    register_number = models.PositiveIntegerField(_("register number"))
    serial_number = models.CharField(_("serial number"), max_length=40, unique=True)
    verification_code = models.CharField(max_length=19, unique=True, default=new_verification_code)
    design = models.ForeignKey(
        CertificateDesign, on_delete=models.PROTECT, related_name="certificates"
    )
    signer = models.ForeignKey(Signer, on_delete=models.PROTECT, related_name="certificates")
    printed = models.JSONField(help_text="Every field that the document prints, as printed.")
    file = models.FileField(upload_to="certificates/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, db_index=True, blank=True)
    state = models.CharField(
        max_length=10, choices=CertificateState, default=CertificateState.ISSUED
    )
    issued_at = models.DateTimeField(default=clock.now)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=250, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ("register", "year", "register_number")
        constraints = (
            models.UniqueConstraint(
                fields=("register", "year", "register_number"), name="one_certificate_per_number"
            ),
            models.UniqueConstraint(
                fields=("completion",),
                condition=Q(state="issued"),
                name="one_live_certificate_per_completion",
                violation_error_message=_("This completion already has a certificate."),
            ),
            models.CheckConstraint(
                condition=~Q(state="revoked")
                | Q(revoked_at__isnull=False, revocation_reason__gt=""),
                name="a_revocation_has_a_date_and_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.register_label

    @property
    def register_label(self) -> str:
        """The register number as printed: ``0012/2026/AI``."""
        return f"{self.register_number:04d}/{self.year}/{self.register}"

    @property
    def public_state(self) -> str:
        """What verification shows: a void completion revokes at once."""
        if self.state == CertificateState.ISSUED and self.completion.voided_at:
            return CertificateState.REVOKED
        return self.state

    def printed_value(self, field: str) -> Any:
        return self.printed.get(field, "")
