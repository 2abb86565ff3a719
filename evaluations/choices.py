from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemKind(models.TextChoices):
    GROUP = "group", _("group")
    CRITERION = "criterion", _("criterion")
    INDICATOR = "indicator", _("indicator")
    QUESTION = "question", _("question in free text")


class Subject(models.TextChoices):
    """What a group of a form is about; of trainers, each is answered for."""

    COURSE = "course", _("course")
    TRAINER = "trainer", _("trainer")
    VENUE = "venue", _("venue")
    ORGANISATION = "organisation", _("organisation")


class Source(models.TextChoices):
    ONLINE = "online", _("online")
    PAPER = "paper", _("on paper")


class Respondent(models.TextChoices):
    TRAINEE = "trainee", _("trainee")
    MANAGER = "manager", _("manager")


class Use(models.TextChoices):
    """How much of what was taught is used at work."""

    REGULARLY = "regularly", _("regularly")
    SOMETIMES = "sometimes", _("sometimes")
    NOT_YET = "not_yet", _("not yet")
    NOT_NEEDED = "not_needed", _("my work does not need it")


USES_IT = (Use.REGULARLY, Use.SOMETIMES)


class ExampleState(models.TextChoices):
    SUBMITTED = "submitted", _("waiting for the programme office")
    PUBLISHED = "published", _("published")
    ACCEPTED = "accepted", _("accepted, not published")
    DECLINED = "declined", _("not accepted")
