from django.db import models
from django.utils.translation import gettext_lazy as _


class CertificateState(models.TextChoices):
    ISSUED = "issued", _("issued")
    SUPERSEDED = "superseded", _("superseded")
    REVOKED = "revoked", _("revoked")


class SigningAuthority(models.TextChoices):
    """In what capacity a signer signs (Decree 30/2020/NĐ-CP); the letters are printed."""

    OWN = "", _("in their own right")
    ON_BEHALF = "TM.", _("on behalf of (TM.)")
    FOR = "KT.", _("for (KT.)")
    BY_ORDER = "TL.", _("by order (TL.)")
    BY_DELEGATION = "TUQ.", _("by delegation (TUQ.)")
