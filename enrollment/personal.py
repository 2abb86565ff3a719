"""Personal data of this app, column by column."""

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

_IN_OFFICE = (
    "who recorded it: staff answer for what they record by name, a trainee appears by number"
)
_OF_THE_CLASS = "the class's, not the person's"

PERSONAL = (
    PersonalModel(
        "enrollment.Enrollment",
        "",
        (
            Personal("unit", Erased.BLANK, in_table=True),
            Personal("position", Erased.BLANK, in_table=True),
            Personal("remarks", Erased.BLANK, in_table=True),
            Personal("withdrawal_reason", Erased.BLANK, in_table=True),
            Personal("agency_approved_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("announced_state", Erased.STAYS, why="a state, one of a list"),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "enrollment.SeatMove",
        _("Seat ledger"),
        (Personal("remark", Erased.BLANK, shown=_("Remarks")),),
        trainee=("enrollment__trainee",),
        erased_at="erased_at",
    ),
    PersonalModel(
        "enrollment.Attendance",
        "",
        (
            Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("earlier", Erased.STAYS, why="earlier marks, days and who recorded them"),
        ),
        trainee=("enrollment__trainee",),
    ),
    PersonalModel(
        "enrollment.ScoreEntry",
        "",
        (Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),),
        trainee=("enrollment__trainee",),
    ),
    PersonalModel(
        "enrollment.CompletionException",
        _("Exceptions"),
        (
            Personal("reason", Erased.NAMES, shown=_("Reason")),
            Personal("earlier", Erased.NAMES, why="earlier wordings of the reason"),
            Personal("granted_by", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("enrollment__trainee",),
    ),
    PersonalModel(
        "enrollment.Completion",
        _("Results"),
        (
            Personal("remark", Erased.BLANK, shown=_("Remarks")),
            Personal("day_reason", Erased.BLANK, shown=_("Reason for a day outside the class")),
            Personal("void_reason", Erased.NAMES, in_table=True),
            Personal("course_code", Erased.STAYS, why=_OF_THE_CLASS),
            Personal("rule_met", Erased.STAYS, why=_OF_THE_CLASS),
            Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("trainee",),
        erased_at="erased_at",
    ),
    PersonalModel(
        "enrollment.CompletionSplitAssignment",
        "",
        (Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),),
        trainee=("completion__trainee",),
    ),
    PersonalModel(
        "enrollment.ClassMessage",
        "",
        (
            Personal("subject", Erased.NAMES, why="what the person got of it is under messages"),
            Personal("body", Erased.NAMES, why="what the person got of it is under messages"),
            Personal("sent_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("sent_as", Erased.STAYS, why="a role, one of a list"),
        ),
        trainee=("recipients__enrollment__trainee",),
    ),
    PersonalModel(
        "enrollment.ClassMessageFile",
        "",
        (
            Personal("name", Erased.STAYS, why=_OF_THE_CLASS),
            Personal("file", Erased.STAYS, why=_OF_THE_CLASS),
        ),
        trainee=("message__recipients__enrollment__trainee",),
    ),
    Impersonal(
        "enrollment.NominationLetter",
        "an official document of an agency, kept unchanged with its signer as archive law requires",
    ),
    Impersonal(
        "enrollment.PaperEvidence",
        "scans of a class's signed sheets, the proof of its results; kept as archive law requires",
    ),
)
