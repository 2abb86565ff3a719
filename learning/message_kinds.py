"""What people are told of the tests of their class."""

from django.utils.translation import gettext_lazy as _

from enrollment.message_kinds import CLASS_VALUES
from notices.kinds import Days, Importance, MessageKind, Text

_PERSON = _("the person")
_VALUES: dict[str, tuple[Text, Text]] = {
    "full_name": (_("full name"), "Nguyễn Thị Ánh"),
    **CLASS_VALUES,
    "test": (_("title of the test"), _("Final test")),
    "closes_at": (_("when the test closes"), "16/06/2026 17:00"),
}

TEST_OPEN = MessageKind(
    "test_open",
    Importance.INFORMATION,
    _("Test of a class open"),
    _PERSON,
    _("Class {class_code}: the test “{test}” is open"),
    _(
        "Dear {full_name},\n\n"
        "The test “{test}” of the class “{class_title}” ({class_code}) is open until {closes_at}: "
        "{link}"
    ),
    _VALUES,
    required=("link",),
)
TEST_REMINDER = MessageKind(
    "test_reminder",
    Importance.REMINDER,
    _("Test of a class not handed in"),
    _PERSON,
    _("Class {class_code}: the test “{test}” closes on {closes_at}"),
    _(
        "Dear {full_name},\n\n"
        "The test “{test}” of the class “{class_title}” ({class_code}) closes on {closes_at}, and "
        "you have not handed it in yet: {link}"
    ),
    _VALUES,
    days=Days(_("days before the test closes"), default=2, least=1, most=30),
    required=("link",),
)

ALL = (TEST_OPEN, TEST_REMINDER)
