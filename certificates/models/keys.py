"""Keys as data: what they sign, since when, and whether they still do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.choices import KeyUse
from certificates.models.designs import IssuingBody
from certificates.querysets import KeyQuerySet, SignerCertificateQuerySet
from common import clock
from common.encryption import EncryptedJSONField


class Key(models.Model):
    """A key of ours: its public part for good, its secret part as long as it signs.

    ``use`` signature: an X.509 certificate (PEM) with its PKCS#12; credential: Ed25519 in
    Multikey text. The secret rests encrypted here, or in the file that ``secret_file`` names
    below ``settings.KEY_FOLDER``. A retired key stays published: what it signed stays valid.
    """

    use = models.CharField(max_length=10, choices=KeyUse)
    name = models.SlugField(_("name"), max_length=40, unique=True)
    public = models.TextField()
    fingerprint = models.CharField(max_length=64, unique=True)
    subject = models.CharField(max_length=250, blank=True)
    secret = EncryptedJSONField(null=True, editable=False)
    secret_file = models.CharField(max_length=120, blank=True)
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    added_at = models.DateTimeField(default=clock.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.use} {self.name}"


def grouped(fingerprint: str) -> str:
    """A fingerprint as it is read aloud: ``3F2A 90BC …``."""
    letters = fingerprint.upper()
    return " ".join(letters[i : i + 4] for i in range(0, len(letters), 4))


class SignerCertificate(models.Model):
    """A certificate that the office trusts to sign an issuing body's documents outside.

    That of one signer, or of an authority whose signers are all trusted. An entry is never
    changed: it ends, for a reason, and another one is entered.
    """

    body = models.ForeignKey(
        IssuingBody, on_delete=models.PROTECT, related_name="signer_certificates"
    )
    is_authority = models.BooleanField(default=False)
    subject = models.CharField(max_length=250)
    issuer = models.CharField(max_length=250)
    serial = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64)
    der = models.BinaryField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    entered_at = models.DateTimeField(default=clock.now)
    entered_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    end_reason = models.CharField(max_length=250, blank=True)

    objects = SignerCertificateQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("body", "fingerprint"),
                condition=models.Q(ended_at=None),
                name="one_open_entry_per_body_and_certificate",
            ),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def grouped_fingerprint(self) -> str:
        return grouped(self.fingerprint)
