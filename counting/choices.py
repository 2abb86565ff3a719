from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    PERSONS = "persons", _("people")
    PERCENT = "percent", "%"


class Span(models.TextChoices):
    """The length of a cached total; the days up to a date are years, months and days added up."""

    YEAR = "y"
    MONTH = "m"
    DAY = "d"
