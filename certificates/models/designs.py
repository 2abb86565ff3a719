"""What a certificate looks like, and in whose name it is issued."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.choices import SigningAuthority
from certificates.querysets import InForceQuerySet
from common import clock
from common.one_line import OneLineField
from common.person_names import PersonNameField


class BakedImage(models.Model):
    """A signature or seal as it is printed: an opaque JPEG of bounded size, known by its hash.

    Certificates name the hash, so the picture of a signer who left stays with what they signed.
    Rows are never changed (a trigger refuses it).
    """

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.sha256[:12]}"


class InForceForATerm(models.Model):
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = InForceQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_in_force(self) -> bool:
        today = clock.today()
        return (self.valid_from or today) <= today <= (self.valid_to or today)


class IssuingBody(InForceForATerm):
    """Issues certificates during a term: ministries are renamed and merged."""

    name = OneLineField(_("name"), max_length=200)
    parent_name = OneLineField(_("parent body"), max_length=200, blank=True)
    place = OneLineField(_("place"), max_length=80, blank=True)
    seal = models.ForeignKey(
        BakedImage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name_plural = "issuing bodies"

    def __str__(self) -> str:
        return self.name


class Signer(InForceForATerm):
    """Signs for an issuing body during a term."""

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="signers")
    name = PersonNameField(_("name"), max_length=150)
    title = OneLineField(_("title"), max_length=150)
    authority = models.CharField(_("authority"), max_length=4, choices=SigningAuthority, blank=True)
    signature = models.ForeignKey(
        BakedImage, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Made up, from the reference data: signs in development alone, until the office names its own.
    is_sample = models.BooleanField(default=False, db_default=False, editable=False)
    # Signature and the body's seal as one picture: two opaque ones would hide each other.
    sealed_signature = models.ForeignKey(
        BakedImage, null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.authority} {self.title} {self.name}".strip()

    @property
    def picture(self) -> BakedImage | None:
        return self.sealed_signature or self.signature


class CertificateDesign(models.Model):
    """One version of a design. A version that has issued anything never changes.

    ``frozen_at`` is set by the first certificate; from then on a trigger refuses every change.
    """

    slug = models.SlugField()
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=120)
    html = models.TextField()
    css = models.TextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    frozen_at = models.DateTimeField(null=True, editable=False)

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
