"""What people are told of the evaluation of their class, and asked about its use at work."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import RUN_MANAGERS
from enrollment.message_kinds import CLASS_VALUES
from notices.kinds import Days, Importance, MessageKind, Text

_PERSON = _("the person")
_NAMED: dict[str, tuple[Text, Text]] = {
    "full_name": (_("full name"), "Nguyễn Thị Ánh"),
    **CLASS_VALUES,
    "closes_on": (_("last day to answer"), "30/06/2026"),
}
_FOLLOW_UP: dict[str, tuple[Text, Text]] = {
    "full_name": (_("full name of the reader"), "Nguyễn Thị Ánh"),
    "trainee": (_("full name of the trainee"), "Nguyễn Thị Ánh"),
    "class_title": CLASS_VALUES["class_title"],
    "class_code": CLASS_VALUES["class_code"],
    "ends_on": CLASS_VALUES["ends_on"],
    "closes_on": _NAMED["closes_on"],
    "link": CLASS_VALUES["link"],
}

EVALUATION_OPEN = MessageKind(
    "evaluation_open",
    Importance.INFORMATION,
    _("Evaluation of a class open"),
    _PERSON,
    _("Please evaluate class {class_code}"),
    _(
        "Dear {full_name},\n\n"
        "Please evaluate the class “{class_title}” ({class_code}): {link}\n\n"
        "Your answers are stored without your name, and results are shown only if at least five "
        "people answer. The last day to answer is {closes_on}."
    ),
    _NAMED,
    is_of_person=True,
    required=("link",),
)
EVALUATION_REMINDER = MessageKind(
    "evaluation_reminder",
    Importance.REMINDER,
    _("Evaluation of a class not answered"),
    _PERSON,
    _("Class {class_code}: the evaluation closes on {closes_on}"),
    _(
        "Dear {full_name},\n\n"
        "You can evaluate the class “{class_title}” ({class_code}) until {closes_on}: {link}\n\n"
        "Your answers are stored without your name."
    ),
    _NAMED,
    days=Days(_("days before the last day to answer"), default=4, least=1, most=30),
    is_of_person=True,
    required=("link",),
)
EVALUATION_CLOSED = MessageKind(
    "evaluation_closed",
    Importance.INFORMATION,
    _("Results of an evaluation"),
    _("the trainers of the class"),
    _("Class {class_code}: the evaluation is closed"),
    _(
        "The evaluation of the class “{class_title}” ({class_code}) is closed: {valid} valid forms "
        "of {seats} people.\n\n"
        "Its results, once the class is closed too: {link}"
    ),
    {
        **CLASS_VALUES,
        "valid": (_("number of valid forms"), "28"),
        "seats": (_("people with a seat"), "30"),
    },
    readers=RUN_MANAGERS,
)
FOLLOW_UP_ASKED = MessageKind(
    "follow_up_asked",
    Importance.INFORMATION,
    _("Question about use at work"),
    _("the trainee"),
    _("What do you use of class {class_code}?"),
    _(
        "Dear {full_name},\n\n"
        "On {ends_on} you completed the class “{class_title}” ({class_code}). What of it do you "
        "use at work? Two minutes are enough, and an example is welcome: {link}\n\n"
        "The last day to answer is {closes_on}."
    ),
    _FOLLOW_UP,
    is_of_person=True,
    required=("link",),
)
FOLLOW_UP_OF_MANAGER = MessageKind(
    "follow_up_of_manager",
    Importance.INFORMATION,
    _("Question to the manager about use at work"),
    _("the trainee's manager"),
    _("What does {trainee} use of class {class_code}?"),
    _(
        "Dear {full_name},\n\n"
        "{trainee} completed the class “{class_title}” ({class_code}) on {ends_on}. What of it is "
        "used at work? Please answer here: {link}\n\n"
        "The last day to answer is {closes_on}."
    ),
    _FOLLOW_UP,
    required=("link",),
)
FOLLOW_UP_REMINDER = MessageKind(
    "follow_up_reminder",
    Importance.REMINDER,
    _("Use at work not answered"),
    _("the trainee or the manager"),
    _("Class {class_code}: is it used at work?"),
    _(
        "Dear {full_name},\n\n"
        "There is no answer yet to the question what {trainee} uses at work of the class "
        "“{class_title}” ({class_code}). It can be answered until {closes_on}: {link}"
    ),
    _FOLLOW_UP,
    required=("link",),
)
EXAMPLE_DECIDED = MessageKind(
    "example_decided",
    Importance.INFORMATION,
    _("Decision on an example"),
    _("the author of the example"),
    _("Your example of class {class_code}: {state}"),
    _(
        "Dear {full_name},\n\n"
        "Thank you for your example of what is used at work of the class “{class_title}” "
        "({class_code}). The programme office has decided: {state}.\n\n"
        "{note}\n\n"
        "Published examples: {link}"
    ),
    {
        **{name: value for name, value in _FOLLOW_UP.items() if name != "closes_on"},
        "state": (_("decision"), _("published")),
        "note": (_("note"), _("A clear example, thank you.")),
    },
)

ALL = (
    EVALUATION_OPEN, EVALUATION_REMINDER, EVALUATION_CLOSED, FOLLOW_UP_ASKED, FOLLOW_UP_OF_MANAGER,
    FOLLOW_UP_REMINDER, EXAMPLE_DECIDED,
)  # fmt: skip
