from django.db import models
from django.utils.translation import gettext_lazy as _


class Delivery(models.TextChoices):
    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")
    BLENDED = "blended", _("Blended")


class ApprovalPolicy(models.TextChoices):
    """Whose approval an enrollment waits for."""

    NONE = "none", _("No approval needed")
    AGENCY = "agency", _("By the agency")
    OFFICE = "office", _("By the programme office")
    BOTH = "both", _("By the agency, then the programme office")


class RunState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open for enrollment")
    RUNNING = "running", _("Running")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class DecisionKind(models.TextChoices):
    CLASS_OPENING = "class_opening", _("Class-opening decision")
    RECOGNITION = "recognition", _("Recognition decision")


class GradingScale(models.TextChoices):
    PASS_FAIL = "pass_fail", _("Passed or not")
    TEN_POINTS = "ten_points", _("Good, fair, average (of ten)")


class DayPart(models.TextChoices):
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")


class CalendarScope(models.TextChoices):
    OWN = "own", _("My classes")
    TAUGHT = "taught", _("Classes that I teach")
    RUN = "run", _("One class")
