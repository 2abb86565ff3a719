from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    PERSONS = "persons", _("people")
    PERCENT = "percent", "%"


class Span(models.TextChoices):
    """How long a kept part of the number is; a date is so many years, months and days."""

    YEAR = "y"
    MONTH = "m"
    DAY = "d"
