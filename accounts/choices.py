from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user comes to do; a role opens doors, a queryset says to which rows."""

    PROGRAMME_OFFICE = "programme_office", _("Programme office")
    TRAINER = "trainer", _("Trainer")
    COORDINATOR = "coordinator", _("Coordinator")
    TRAINEE = "trainee", _("Trainee")
    AUDITOR = "auditor", _("Auditor")


# Who sees everything proves twice who they are.
NEEDS_SECOND_FACTOR = (Role.PROGRAMME_OFFICE, Role.AUDITOR)


class Language(models.TextChoices):
    VIETNAMESE = "vi", "Tiếng Việt"
    ENGLISH = "en", "English"
