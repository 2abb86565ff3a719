from django.db import models
from django.utils.translation import gettext_lazy as _


class EnrollmentState(models.TextChoices):
    NOMINATED = "nominated", _("nominated")
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    ENROLLED = "enrolled", _("enrolled")
    WAITLISTED = "waitlisted", _("on the waiting list")
    COMPLETED = "completed", _("completed")
    NOT_COMPLETED = "not_completed", _("not completed")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLED = "cancelled", _("cancelled")


# Ended without a seat: another enrollment of the same person in the run is possible.
NOT_LIVE = (EnrollmentState.REJECTED, EnrollmentState.WITHDRAWN, EnrollmentState.CANCELLED)
IN_PROGRESS = (
    EnrollmentState.NOMINATED,
    EnrollmentState.REQUESTED,
    EnrollmentState.APPROVED,
    EnrollmentState.ENROLLED,
    EnrollmentState.WAITLISTED,
)
# A seat stays taken after the class, so that totals and capacity of the past add up.
HOLDING_A_SEAT = (
    EnrollmentState.ENROLLED,
    EnrollmentState.COMPLETED,
    EnrollmentState.NOT_COMPLETED,
)


class TraineeKind(models.TextChoices):
    """Whom the decision counts; blank where nobody has said it."""

    OFFICIAL = "official", _("official")
    EXPERT = "expert", _("expert")


class Approver(models.TextChoices):
    AGENCY = "agency", _("the agency")
    OFFICE = "office", _("the programme office")


class Mark(models.TextChoices):
    PRESENT = "present", _("present")
    LATE = "late", _("late")
    EXCUSED = "excused", _("excused")
    ABSENT = "absent", _("absent")


class Evidence(models.TextChoices):
    SIGNED_SHEET = "signed_sheet", _("signed attendance sheet")
    QR_CHECK_IN = "qr_check_in", _("QR check-in")
    TRAINERS_MARK = "trainers_mark", _("trainer's mark")
    CONFERENCE_LOG = "conference_log", _("conference log")
    PAPER = "paper", _("results on paper")
    ELSEWHERE = "elsewhere", _("completed elsewhere")
    SELF_PACED = "self_paced", _("self-paced: units and test")


# What the programme itself recorded; a counting rule that names no kinds accepts these.
OWN_EVIDENCE = tuple(kind for kind in Evidence if kind != Evidence.ELSEWHERE)
# Evidence that a trainer may choose; the other kinds come from their own source.
MANUAL_EVIDENCE = (Evidence.TRAINERS_MARK, Evidence.SIGNED_SHEET)


class SeatMoveReason(models.TextChoices):
    ENROLLED = "enrolled", _("enrolled")
    PROMOTED = "promoted", _("promoted from the waiting list")
    WAITLISTED = "waitlisted", _("put on the waiting list")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REPLACED = "replaced", _("replaced")
    CANCELLED = "cancelled", _("class cancelled")
    SKIPPED = "skipped", _("skipped on the waiting list")
    WALKED_IN = "walked_in", _("walk-in")
    SHARE = "share", _("seat share changed")
    RELEASED = "released", _("seat share released")
    CAPACITY = "capacity", _("number of seats changed")


class SkipReason(models.TextChoices):
    TIME_CLASH = "time_clash", _("has a seat in another class at the same time")
    SHARE_USED_UP = "share_used_up", _("the free seats are reserved for other agencies")


class Grade(models.TextChoices):
    PASSED = "passed", _("passed")
    GOOD = "good", _("good")
    FAIR = "fair", _("fair")
    AVERAGE = "average", _("average")


class PersonVisibility(models.IntegerChoices):
    """How much of the person behind an enrollment its reader may see."""

    HIDDEN = 0  # sent by the reader's agency but working elsewhere: the enrollment alone
    IDENTITY = 1  # worked for the reader's agency once: who it is, and nothing newer
    FULL = 2
