from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    MALE = "male", _("Male")
    FEMALE = "female", _("Female")


class CandidateState(models.TextChoices):
    OPEN = "open", _("to be looked at")
    SAME = "same", _("the same person")
    DIFFERENT = "different", _("not the same person")
