from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user may do; querysets decide on which rows."""

    PROGRAMME_OFFICE = "programme_office", _("Programme office")
    TRAINER = "trainer", _("Trainer")
    COORDINATOR = "coordinator", _("Coordinator")
    TRAINEE = "trainee", _("Trainee")
    AUDITOR = "auditor", _("Auditor")


# What each may do, in a sentence for whoever gives the role.
ROLE_TEXTS = {
    Role.PROGRAMME_OFFICE: _(
        "Sees and changes everything: classes, people, certificates, targets, reports, users. "
        "Needs a second factor."
    ),
    Role.TRAINER: _(
        "Opens classes, takes attendance, enters scores and closes the classes that they teach; "
        "sees the people in them."
    ),
    Role.COORDINATOR: _(
        "Nominates and corrects the people of one agency and answers its tasks. Appointed on the "
        "agency's page, which gives the role."
    ),
    Role.TRAINEE: _("Sees own classes, certificates and data; requests enrollment."),
    Role.AUDITOR: _(
        "Reads everything and changes nothing, until a day that you set. Needs a second factor."
    ),
}

# Sets of roles, named by what their members may do. Which rows is said by the querysets.
OVERSEERS = (Role.PROGRAMME_OFFICE, Role.AUDITOR)  # read every row
PEOPLE_MANAGERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)  # nominate and correct people
PEOPLE_READERS = (*PEOPLE_MANAGERS, Role.AUDITOR)
RUN_MANAGERS = (Role.TRAINER, Role.PROGRAMME_OFFICE)
RUN_READERS = (*RUN_MANAGERS, Role.AUDITOR)
OWN_OR_RUN_READERS = (Role.TRAINEE, *RUN_READERS)  # read their own, or a class's
OWN_OR_ALL_READERS = (Role.TRAINEE, *OVERSEERS)  # read their own, or everybody's
ENROLLERS = (Role.TRAINEE, *PEOPLE_MANAGERS)
MESSAGE_WRITERS = (Role.TRAINER, *PEOPLE_MANAGERS)  # write to people of a class
STAFF = (Role.TRAINER, *PEOPLE_READERS)

NEEDS_SECOND_FACTOR = OVERSEERS


class HasRoles:
    roles: Any  # a frozenset, of whatever kind of attribute

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def reads_everything(self) -> bool:
        """Office and auditors see every row; what they may do differs."""
        return self.has_role(*OVERSEERS)


class Language(models.TextChoices):
    VIETNAMESE = "vi", "Tiếng Việt"
    ENGLISH = "en", "English"
