from django.db import models
from django.utils.translation import gettext_lazy as _


class PackageState(models.TextChoices):
    BEING_MADE = "being_made", _("being prepared")
    READY = "ready", _("ready for hand-over")
    APPROVED = "approved", _("deletion approved")
    DELETED = "deleted", _("records deleted")
    WITHDRAWN = "withdrawn", _("withdrawn")
