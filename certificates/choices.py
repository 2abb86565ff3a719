from django.db import models
from django.utils.translation import gettext_lazy as _


class CertificateState(models.TextChoices):
    ISSUED = "issued", _("issued")
    SUPERSEDED = "superseded", _("superseded")
    REVOKED = "revoked", _("revoked")


class Register(models.TextChoices):
    """Each has its own numbers without gaps; the codes are printed."""

    CERTIFICATES = "AI", _("certificates")
    CONFIRMATIONS = "XN", _("confirmations of attendance")


class SigningAuthority(models.TextChoices):
    """How a signature block introduces the signer (Decree 30/2020/NĐ-CP)."""

    OWN = "", _("in their own name")
    ON_BEHALF = "TM.", _("on behalf of (TM.)")
    FOR = "KT.", _("for (KT.)")
    BY_ORDER = "TL.", _("by order (TL.)")
    BY_DELEGATION = "TUQ.", _("by delegation (TUQ.)")


class KeyUse(models.TextChoices):
    SIGNATURE = "signature", _("signature of the document")
    CREDENTIAL = "credential", _("proof of the credential")


class SignedBy(models.TextChoices):
    OWN_KEY = "own_key", _("by this server's key")
    OUTSIDE = "outside", _("externally: token, HSM or signing software")
    NOBODY = "nobody", _("not signed")


class DuplicateState(models.TextChoices):
    BEING_MADE = "being_made", _("being made")
    NOT_MADE = "not_made", _("not made yet")
    MADE = "made", _("made")


class BatchState(models.TextChoices):
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    CANCELLED = "cancelled", _("cancelled")
    DONE = "done", _("done")
