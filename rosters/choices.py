from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    STAGED = "staged", _("waiting for confirmation")
    IMPORTED = "imported", _("imported")
    REFUSED = "refused", _("refused")
    DISCARDED = "discarded", _("discarded")
    UNDONE = "undone", _("undone")


class Outcome(models.TextChoices):
    """What happens to one row; every row has exactly one."""

    CREATED = "created", _("new person")
    MATCHED = "matched", _("existing person, updated")
    UNCHANGED = "unchanged", _("no changes")
    CANDIDATE = "candidate", _("new, possible duplicate")
    REJECTED = "rejected", _("rejected")


class Paper(models.TextChoices):
    """The layout of an export."""

    TABLE = "table", _("plain table")
    NOMINATION = "nomination", _("nomination list, with headings and signatures")
    ATTENDANCE = "attendance", _("attendance sheet")
    CERTIFICATES = "certificates", _("list for issuing certificates")
