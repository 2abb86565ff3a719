from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    MALE = "male", _("Male")
    FEMALE = "female", _("Female")


class CandidateState(models.TextChoices):
    OPEN = "open", _("to be reviewed")
    SAME = "same", _("the same person")
    DIFFERENT = "different", _("not the same person")


class RemovalObstacle(models.TextChoices):
    """Why somebody who was entered by mistake cannot be removed."""

    OTHER_ENROLLMENT = "place", _("has another enrollment or a result")
    ACCOUNT = "account", _("has an account")
    COMPARED = "compared", _("has been compared or merged with another person")
    CHANGED = "changed", _("has been corrected, transferred or made a request since then")


class RequestKind(models.TextChoices):
    ACCESS = "access", _("a copy of my data")
    CORRECT = "correct", _("a correction of my data")
    WITHDRAW = "withdraw", _("stop using my contact details")
    ERASE = "erase", _("erasure")


class RequestState(models.TextChoices):
    OPEN = "open", _("received")
    REPLIED = "replied", _("acknowledged, in progress")
    DONE = "done", _("granted")
    REFUSED = "refused", _("refused")


class TransferState(models.TextChoices):
    PENDING = "pending", _("awaiting an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn by the sender")
    LAPSED = "lapsed", _("lapsed")


class TrainingStatus(models.TextChoices):
    TRAINED = "trained", _("trained")
    ENROLLED = "enrolled", _("enrolled")
    NOT_YET = "not_yet", _("no completion yet")
