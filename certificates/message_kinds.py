"""What people are told about their certificates."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import STAFF
from notices.kinds import Days, Importance, MessageKind, Text

_PERSON = _("the person")
_COURSE: tuple[Text, Text] = (_("course"), _("Applied AI for public administration"))
_NAME: tuple[Text, Text] = (_("name as printed"), "Nguyễn Thị Ánh")

CERTIFICATE_READY = MessageKind(
    "certificate_ready",
    Importance.DECISION,
    _("Certificate ready"),
    _PERSON,
    _("Your certificate {number}"),
    _(
        "Dear {full_name},\n\n"
        "Your certificate for “{course}” has been issued. Sign in at {site} to download it. If "
        "you do not have an account, get it at {claim} with the code {code} and your birth date."
        "\n\n"
        "Anyone can verify it at {link}."
    ),
    {
        "full_name": _NAME,
        "course": _COURSE,
        "number": (_("register number"), "AI-2026-000001"),
        "code": (_("verification code"), "7K3M-9QXT-2B"),
        "site": (_("address of this site"), "https://699.example.gov.vn"),
        "claim": (
            _("where it can be collected without an account"),
            "https://699.example.gov.vn/verify/claim",
        ),
        "link": (_("where it is verified"), "https://699.example.gov.vn/verify/7K3M-9QXT-2B"),
    },
    is_of_person=True,
)
ATTENDANCE_CONFIRMED = MessageKind(
    "attendance_confirmed",
    Importance.DECISION,
    _("Confirmation of attendance ready"),
    _PERSON,
    _("Your confirmation of attendance for the class {run}"),
    _(
        "Dear {full_name},\n\n"
        "A confirmation of the sessions of “{course}” that you attended has been issued. It is not "
        "a certificate. Sign in and download it at {site}.\n\n"
        "Anyone can verify it at {link}."
    ),
    {
        "full_name": _NAME,
        "course": _COURSE,
        "run": (_("class"), "AI-101-01"),
        "site": (
            _("address of the page"),
            "https://699.example.gov.vn/certificates/attendance/7K3M-9QXB-TFW2-HD8P/",
        ),
        "link": (
            _("where it is verified"),
            "https://699.example.gov.vn/verify/7K3M-9QXB-TFW2-HD8P",
        ),
    },
    is_of_person=True,
)
NAME_UNCONFIRMED = MessageKind(
    "name_unconfirmed",
    Importance.REMINDER,
    _("Printed name not confirmed"),
    _PERSON,
    _("Please confirm your name for the certificate"),
    _(
        "Dear {full_name},\n\n"
        "Your certificate for “{course}” will be printed with the name {full_name}. Please check "
        "it and confirm it, or ask for its correction, before the certificate is issued:\n\n"
        "{link}"
    ),
    {
        "full_name": _NAME,
        "course": _COURSE,
        "link": (_("address of the page"), "https://699.example.gov.vn/verify/name/4821.3f2a…/"),
    },
    days=Days(_("days after the completion was recorded"), default=2, most=60),
    is_of_person=True,
    required=("link",),
)
CERTIFICATES_BUNDLED = MessageKind(
    "certificates_bundled",
    Importance.INFORMATION,
    _("Certificates in one file ready"),
    _("the user who asked for them"),
    _("Your certificates are ready"),
    _(
        "The certificates that you requested are ready. Sign in and download them at {link}. "
        "The link expires on {until}."
    ),
    {
        "link": (_("address of the page"), "https://699.example.gov.vn/certificates/bundles/"),
        "until": (_("last day"), "22/06/2026"),
    },
    readers=STAFF,
)

ALL = (CERTIFICATE_READY, ATTENDANCE_CONFIRMED, NAME_UNCONFIRMED, CERTIFICATES_BUNDLED)
