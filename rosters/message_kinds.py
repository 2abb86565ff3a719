"""What users are told about the files that they asked for."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import STAFF
from notices.kinds import Importance, MessageKind, Text

_USER = _("the user who asked for it")
_WARNING: tuple[Text, Text] = (
    _("which rows lost characters, if any"),
    _("1 row of your roster lost characters that files cannot contain: row 12 of the sheet."),
)

EXPORT_READY = MessageKind(
    "export_ready",
    Importance.INFORMATION,
    _("Roster ready"),
    _USER,
    _("Your roster {file} is ready"),
    _(
        "The roster {file} that you requested is ready. Sign in and download it at {link}. The "
        "link expires on {until}.\n\n"
        "{warning}"
    ),
    {
        "file": (_("name of the file"), "UDAI-01.xlsx"),
        "until": (_("last day"), "22/06/2026"),
        "warning": _WARNING,
        "link": (_("address of the file"), "https://699.example.gov.vn/rosters/files/1/"),
    },
    readers=STAFF,
)
CHARACTERS_DROPPED = MessageKind(
    "characters_dropped",
    Importance.INFORMATION,
    _("Characters dropped from a roster"),
    _USER,
    _("Some characters were dropped from your roster"),
    "{warning}",
    {"warning": _WARNING},
    readers=STAFF,
)

ALL = (EXPORT_READY, CHARACTERS_DROPPED)
