"""Keys as data: what they sign, since when, and whether they still do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.choices import KeyUse
from certificates.querysets import KeyQuerySet
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
