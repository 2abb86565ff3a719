from django.db import models
from django.utils.translation import gettext_lazy as _


class RowKind(models.TextChoices):
    """What a row of a framework as a table holds."""

    LEVEL = "level", _("level")
    COMPETENCY = "competency", _("competency")
