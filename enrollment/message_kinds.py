"""What people and coordinators are told about enrollments, by what has changed."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import PEOPLE_MANAGERS, RUN_MANAGERS, Role
from notices.kinds import Days, Importance, MessageKind, Text

_PERSON = _("the person")
CLASS_VALUES: dict[str, tuple[Text, Text]] = {
    "class_title": (_("course"), _("Applied AI for public administration")),
    "class_code": (_("class"), "UDAI-01"),
    "starts_on": (_("first day"), "15/06/2026"),
    "ends_on": (_("last day"), "16/06/2026"),
    "venue": (_("venue"), _("Room 301, 18 Nguyễn Du, Hà Nội")),
    "online": (_("link of the online class"), "https://meet.example.gov.vn/udai-01"),
    "link": (_("address of the page"), "https://699.example.gov.vn/my/"),
}
_VALUES: dict[str, tuple[Text, Text]] = {
    "full_name": (_("full name"), "Nguyễn Thị Ánh"),
    "agency": (_("sending agency"), _("Ministry of Home Affairs")),
    **CLASS_VALUES,
    "position": (_("place on the waiting list"), "3"),
    "reason": (_("reason"), _("The class is meant for another group of staff.")),
}


def _of_person(
    name: str,
    label: Text,
    subject: Text,
    body: Text,
    importance: Importance = Importance.DECISION,
    days: Days | None = None,
) -> MessageKind:
    return MessageKind(
        name, importance, label, _PERSON, subject, body, _VALUES, days=days, is_of_person=True
    )


NOMINATED = _of_person(
    "enrollment_nominated",
    _("Nominated, waiting for approval"),
    _("You have been nominated for class {class_code}"),
    _(
        "Dear {full_name},\n\n"
        "{agency} has nominated you for the class “{class_title}” ({class_code}), {starts_on} to "
        "{ends_on}. The nomination is waiting for the programme office's approval; you will be "
        "notified of the decision.\n\n"
        "Venue: {venue}\n"
        "Your classes: {link}"
    ),
)
REQUESTED = _of_person(
    "enrollment_requested",
    _("Requested, waiting for approval"),
    _("Your request to join class {class_code} has been received"),
    _(
        "Dear {full_name},\n\n"
        "Your request to join the class “{class_title}” ({class_code}), {starts_on} to {ends_on}, "
        "has been received and is waiting for approval. You will be notified of the decision.\n\n"
        "Your classes: {link}"
    ),
)
ENROLLED = _of_person(
    "enrollment_enrolled",
    _("Enrolled with a seat"),
    _("You have a seat in class {class_code}"),
    _(
        "Dear {full_name},\n\nYou have a seat in the class “{class_title}” ({class_code}), "
        "{starts_on} to {ends_on}.\n\nVenue: {venue}\nTimetable and materials: {link}\n\nIf you "
        "cannot take part, please cancel your enrollment in time, so that someone else can have "
        "the seat."
    ),
)
WAITLISTED = _of_person(
    "enrollment_waitlisted",
    _("Put on the waiting list"),
    _("You are on the waiting list of class {class_code}"),
    _(
        "Dear {full_name},\n\n"
        "All seats of the class “{class_title}” ({class_code}), {starts_on} to {ends_on}, are "
        "taken. You are number {position} on the waiting list and will be notified as soon as you "
        "have a seat.\n\n"
        "Your classes: {link}"
    ),
)
PROMOTED = _of_person(
    "enrollment_promoted",
    _("Promoted from the waiting list"),
    _("A seat in class {class_code} is yours now"),
    _(
        "Dear {full_name},\n\nA seat has become free: you now have a seat in the class "
        "“{class_title}” ({class_code}), {starts_on} to {ends_on}.\n\nVenue: {venue}\nTimetable "
        "and materials: {link}\n\nIf you cannot take part, please cancel your enrollment in time,"
        " so that someone else can have the seat."
    ),
)
REJECTED = _of_person(
    "enrollment_rejected",
    _("Not approved"),
    _("Your enrollment in class {class_code} was not approved"),
    _(
        "Dear {full_name},\n\n"
        "Your enrollment in the class “{class_title}” ({class_code}), {starts_on} to {ends_on}, "
        "was not approved.\n\n"
        "Reason: {reason}\n\n"
        "Other classes: {link}"
    ),
)
WITHDRAWN = _of_person(
    "enrollment_withdrawn",
    _("Withdrawn"),
    _("You are no longer enrolled in class {class_code}"),
    _(
        "Dear {full_name},\n\n"
        "Your enrollment in the class “{class_title}” ({class_code}), {starts_on} to {ends_on}, "
        "has ended.\n\n"
        "Reason: {reason}\n\n"
        "If this is a mistake, please contact your agency's coordinator. Your classes: {link}"
    ),
)
REPLACED = _of_person(
    "enrollment_replaced",
    _("Replaced by a colleague"),
    _("A colleague attends class {class_code} instead of you"),
    _(
        "Dear {full_name},\n\n"
        "{agency} is sending a colleague instead of you to the class “{class_title}” "
        "({class_code}), {starts_on} to {ends_on}.\n\n"
        "Reason: {reason}\n\n"
        "Your classes: {link}"
    ),
)
COMPLETED = _of_person(
    "enrollment_completed",
    _("Completed"),
    _("You have completed class {class_code}"),
    _(
        "Dear {full_name},\n\n"
        "Congratulations: you have completed the class “{class_title}” ({class_code}), "
        "{starts_on} to {ends_on}. You will be notified when your certificate is ready.\n\n"
        "Please check your name as it will be printed: {link}"
    ),
)
NOT_COMPLETED = _of_person(
    "enrollment_not_completed",
    _("Not completed"),
    _("Result of class {class_code}"),
    _(
        "Dear {full_name},\n\n"
        "The class “{class_title}” ({class_code}), {starts_on} to {ends_on}, has been closed. "
        "You did not meet the conditions for completion.\n\n"
        "Attendance and results: {link}"
    ),
)

AGENCY_SUMMARY = MessageKind(
    "agency_summary",
    Importance.INFORMATION,
    _("Changes for an agency's people"),
    _("the sending agency's coordinators"),
    _("Class {class_code}: changes for your people"),
    _(
        "{agency}: these enrollments in the class “{class_title}” ({class_code}), {starts_on} to "
        "{ends_on}, have changed.\n\n"
        "{lines}\n\n"
        "The class: {link}"
    ),
    {
        "agency": _VALUES["agency"],
        **CLASS_VALUES,
        "lines": (_("the changes, person by person"), _("- Nguyễn Thị Ánh: enrolled")),
    },
    readers=(Role.COORDINATOR,),
)
_VALUES |= {
    "sessions": (_("sessions, one per line"), "- 15/06/2026, 08:00–11:30"),
    "materials": (_("titles of the materials"), _("Slides of the first day")),
}
REMINDER = _of_person(
    "class_reminder",
    _("Reminder before the class"),
    _("Class {class_code} begins on {starts_on}"),
    _(
        "Dear {full_name},\n\n"
        "The class “{class_title}” ({class_code}) begins on {starts_on}.\n\n"
        "Sessions:\n"
        "{sessions}\n\n"
        "Venue: {venue}\n"
        "Online: {online}\n"
        "Materials: {materials}\n"
        "Timetable and materials: {link}"
    ),
    Importance.REMINDER,
    Days(_("days before the first day"), default=3, most=30),
)
# What a person writes to a class stands in a frame that the office words.
WRITER_MAY_NAME = ("full_name", "agency", *CLASS_VALUES)
CLASS_MESSAGE = MessageKind(
    "class_message",
    Importance.INFORMATION,
    _("Message to a class"),
    _("those chosen by the trainer, the coordinator or the programme office"),
    _("Class {class_code}: {subject}"),
    _(
        "Dear {full_name},\n\n"
        "{text}\n\n"
        "Written by {sender} to trainees of the class “{class_title}” ({class_code})."
    ),
    {
        **{name: _VALUES[name] for name in WRITER_MAY_NAME},
        "subject": (_("subject, as written"), _("Materials for the first session")),
        "text": (_("text, as written"), _("Please read the attached file before we meet.")),
        "sender": (_("who wrote it"), _("Trần Văn Bình, trainer")),
    },
    is_of_person=True,
    required=("text",),
)

SHARE_UNUSED = MessageKind(
    "seat_share_unused",
    Importance.REMINDER,
    _("Seats of an agency's share still unused"),
    _("the agency's coordinators"),
    _("Class {class_code}: unused seats of your agency: {unused}"),
    _(
        "Unused seats of {agency} in the class “{class_title}” ({class_code}), {starts_on} to "
        "{ends_on}: {unused}. Until {closes_on} you can nominate people for them; afterwards "
        "they are open to everybody, or enrollment is closed.\n\n"
        "Nominate here: {link}"
    ),
    {
        "agency": _VALUES["agency"],
        **CLASS_VALUES,
        "unused": (_("number of unused seats"), "4"),
        "closes_on": (_("last day for nominations"), "10/06/2026"),
    },
    days=Days(_("days before the last day for nominations"), default=5, least=1, most=30),
    readers=(Role.COORDINATOR,),
)
ATTENDANCE_MISSING = MessageKind(
    "attendance_missing",
    Importance.REMINDER,
    _("Attendance not recorded"),
    _("the trainers of the class, else the programme office"),
    _("Class {class_code}: attendance is missing"),
    _(
        "The attendance of these sessions of the class “{class_title}” ({class_code}) has not been "
        "recorded for everybody:\n\n"
        "{sessions}\n\n"
        "Record it here: {link}"
    ),
    {**CLASS_VALUES, "sessions": _VALUES["sessions"]},
    days=Days(_("days after the session"), default=1, most=30),
    readers=RUN_MANAGERS,
)
RESULTS_MISSING = MessageKind(
    "results_missing",
    Importance.REMINDER,
    _("Results not recorded"),
    _("the trainers of the class, else the programme office"),
    _("Class {class_code}: results are missing"),
    _(
        "The class “{class_title}” ({class_code}) ended on {ends_on} and has not been closed. "
        "Until its results are recorded, nobody of this class has completed it, and no certificate "
        "can be issued.\n\n"
        "Record the results here: {link}"
    ),
    dict(CLASS_VALUES),
    days=Days(_("days after the last day"), default=3, most=60),
    readers=RUN_MANAGERS,
)
REQUESTS_WAITING = MessageKind(
    "requests_waiting",
    Importance.REMINDER,
    _("Enrollments waiting for approval"),
    _("the agency's coordinators or the programme office"),
    _("Enrollments waiting for your approval: {count}"),
    _(
        "These enrollments have been waiting for your approval for {days} days or longer:\n\n"
        "{lines}\n\n"
        "Approve or reject them on the page of the class."
    ),
    {
        "count": (_("number of enrollments"), "3"),
        "days": (_("days of waiting"), "3"),
        "lines": (
            _("the classes, one per line"),
            "- UDAI-01 (15/06/2026): 3 – https://699.example.gov.vn/runs/UDAI-01/seats/",
        ),
    },
    days=Days(_("days after the request"), default=3, least=1, most=30),
    readers=PEOPLE_MANAGERS,
)

_CONCERNED = _("people and trainers of the class")
_REASON = _VALUES["reason"]
_BEFORE: tuple[Text, Text] = (_("before"), "15/06/2026 – 16/06/2026")
_AFTER: tuple[Text, Text] = (_("now"), "22/06/2026 – 23/06/2026")
_NUMBER: tuple[Text, Text] = (_("number of the session"), "2")


def _of_class(
    name: str, label: Text, subject: Text, body: Text, **values: tuple[Text, Text]
) -> MessageKind:
    named = {key: value for key, value in CLASS_VALUES.items() if key != "link"} | values
    return MessageKind(name, Importance.DECISION, label, _CONCERNED, subject, body, named)


RUN_MOVED = _of_class(
    "run_moved",
    _("Class moved"),
    _("Class {class_code} has been moved"),
    _("Class {class_code} ({class_title}) has been moved.\n\nBefore: {before}\nNow: {after}"),
    before=_BEFORE,
    after=_AFTER,
)
RUN_CANCELLED = _of_class(
    "run_cancelled",
    _("Class cancelled"),
    _("Class {class_code} has been cancelled"),
    _(
        "Class {class_code} ({class_title}, {starts_on} to {ends_on}) will not take place.\n\n"
        "Reason: {reason}"
    ),
    reason=_REASON,
)
SESSION_MOVED = _of_class(
    "session_moved",
    _("Session rescheduled"),
    _("Class {class_code}: session {number} has been rescheduled"),
    _(
        "Session {number} of class {class_code} has been rescheduled.\n\n"
        "Before: {before}\n"
        "Now: {after}"
    ),
    number=_NUMBER,
    before=_BEFORE,
    after=_AFTER,
)
SESSION_CANCELLED = _of_class(
    "session_cancelled",
    _("Session cancelled"),
    _("Class {class_code}: session {number} has been cancelled"),
    _("Session {number} of class {class_code} ({before}) will not take place."),
    number=_NUMBER,
    before=_BEFORE,
)
TIMETABLE_CHANGED = _of_class(
    "timetable_changed",
    _("New timetable"),
    _("Class {class_code} has a new timetable"),
    _("Class {class_code} ({class_title}) has a new timetable.\n\n{sessions}"),
    sessions=_VALUES["sessions"],
)

ALL = (
    RUN_MOVED, RUN_CANCELLED, SESSION_MOVED, SESSION_CANCELLED, TIMETABLE_CHANGED,
    SHARE_UNUSED, ATTENDANCE_MISSING, RESULTS_MISSING, REQUESTS_WAITING,
    NOMINATED, REQUESTED, ENROLLED, WAITLISTED, PROMOTED, REJECTED, WITHDRAWN, REPLACED, COMPLETED,
    NOT_COMPLETED, REMINDER, AGENCY_SUMMARY, CLASS_MESSAGE,
)  # fmt: skip
