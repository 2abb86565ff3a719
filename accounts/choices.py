from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user may do; querysets decide on which rows."""

    PROGRAMME_OFFICE = "programme_office", _("Programme office")
    TRAINER = "trainer", _("Trainer")
    COORDINATOR = "coordinator", _("Coordinator")
    TRAINEE = "trainee", _("Trainee")
    AUDITOR = "auditor", _("Auditor")


# Sets of roles, named by what their members may do. Which rows is said by the querysets.
OVERSEERS = (Role.PROGRAMME_OFFICE, Role.AUDITOR)  # read every row
PEOPLE_MANAGERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)  # nominate and correct people
PEOPLE_READERS = (*PEOPLE_MANAGERS, Role.AUDITOR)
RUN_MANAGERS = (Role.TRAINER, Role.PROGRAMME_OFFICE)
RUN_READERS = (*RUN_MANAGERS, Role.AUDITOR)
ENROLLERS = (Role.TRAINEE, *PEOPLE_MANAGERS)
MESSAGE_WRITERS = (Role.TRAINER, *PEOPLE_MANAGERS)  # write to people of a class
STAFF = (Role.TRAINER, *PEOPLE_READERS)

NEEDS_SECOND_FACTOR = OVERSEERS


class Language(models.TextChoices):
    VIETNAMESE = "vi", "Tiếng Việt"
    ENGLISH = "en", "English"
