from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reminder(models.TextChoices):
    """The last reminder that was sent about a deadline."""

    NONE = "", _("none")
    SOON = "soon", _("due soon")
    OVERDUE = "overdue", _("overdue")


class QuotaState(models.TextChoices):
    ON_TRACK = "on_track", _("on track")
    AT_RISK = "at_risk", _("at risk")
    OVERDUE = "overdue", _("overdue")
    MET = "met", _("met")


class TaskState(models.TextChoices):
    """How a task stands on a day."""

    PLANNED = "planned", _("not started yet")
    OPEN = "open", _("in progress")
    OVERDUE = "overdue", _("overdue")
    DONE = "done", pgettext_lazy("of a task", "done")
    DONE_LATE = "done_late", _("done late")


class ListName(models.TextChoices):
    """The lists of a signed report."""

    PEOPLE = "people"
    COMPLETIONS = "completions"


class UnitAnswer(models.TextChoices):
    """What a cooperating unit answers; blank while it has not answered."""

    ACCEPTED = "accepted", pgettext_lazy("of a task", "accepted")
    DONE = "done", pgettext_lazy("of a task", "done")
    REFUSED = "refused", pgettext_lazy("of a task", "refused")


class ValueState(models.TextChoices):
    SUBMITTED = "submitted", _("awaiting the programme office")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned")


class ReportingInterval(models.IntegerChoices):
    """Months from one report of an indicator to the next."""

    QUARTER = 3, _("every quarter")
    HALF_YEAR = 6, _("every half-year")
    YEAR = 12, _("every year")
