"""What coordinators and people are told about their record."""

from django.utils.translation import gettext_lazy as _

from notices.kinds import Importance, MessageKind

ADDRESS_UNDELIVERABLE = MessageKind(
    "address_undeliverable",
    Importance.INFORMATION,
    _("Mail to a person came back"),
    _("the coordinators of the person's agency, else the programme office"),
    _("Mail to {full_name} came back"),
    _(
        "Mail to {full_name} ({address}) came back: {reason}\n\n"
        "Nothing more is sent to this address. Please enter the person's present address, or ask "
        "the programme office to try it again:\n\n"
        "{link}"
    ),
    {
        "full_name": (_("full name"), "Nguyễn Thị Ánh"),
        "address": (_("undeliverable address"), "an@example.gov.vn"),
        "reason": (_("what the mail server said"), "5.1.1 no such user"),
        "link": (_("address of the page"), "https://699.example.gov.vn/people/HV-2026-0001/"),
    },
)

ALL = (ADDRESS_UNDELIVERABLE,)
