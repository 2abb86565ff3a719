"""What coordinators and people are told about their record."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import PEOPLE_MANAGERS
from notices.kinds import Importance, MessageKind, Text

ADDRESS_UNDELIVERABLE = MessageKind(
    "address_undeliverable",
    Importance.INFORMATION,
    _("E-mail to a person could not be delivered"),
    _("the coordinators of the person's agency, else the programme office"),
    _("E-mail to {full_name} could not be delivered"),
    _(
        "E-mail to {full_name} ({address}) could not be delivered: {reason}\n\nNothing more is "
        "sent to this address. Please enter the person's current address, or ask the programme "
        "office to try it again:\n\n{link}"
    ),
    {
        "full_name": (_("full name"), "Nguyễn Thị Ánh"),
        "address": (_("undeliverable address"), "an@example.gov.vn"),
        "reason": (_("answer of the mail server"), "5.1.1 no such user"),
        "link": (_("address of the page"), "https://699.example.gov.vn/people/HV-2026-0001/"),
    },
    readers=PEOPLE_MANAGERS,
)


_PERSON = _("the person")
_SENDER = _("the requesting agency's coordinators")
_FORMER = _("the coordinators of the person's current agency")
_AGENCY: tuple[Text, Text] = (_("requesting agency"), _("Ministry of Home Affairs"))
_LINK: tuple[Text, Text] = (_("address of the page"), "https://699.example.gov.vn/my/")
_LIST: dict[str, tuple[Text, Text]] = {
    "agency": _AGENCY,
    "count": (_("how many"), "1"),
    "lines": (_("the people, one per line"), "– Nguyễn Thị Ánh"),
    "link": (_("address of the page"), "https://699.example.gov.vn/people/transfers/"),
}
_ANSWER: dict[str, tuple[Text, Text]] = {
    "agency": _AGENCY,
    "full_name": (_("full name"), "Nguyễn Thị Ánh"),
    "reason": (_("reason"), _("The person still works for us.")),
}


def _of_transfer(
    name: str,
    label: Text,
    recipients: Text,
    subject: Text,
    body: Text,
    values: dict[str, tuple[Text, Text]],
) -> MessageKind:
    return MessageKind(name, Importance.DECISION, label, recipients, subject, body, values)


TRANSFERS_REQUESTED = _of_transfer(
    "transfers_requested",
    _("Transfers requested for those nominated"),
    _SENDER,
    _("Transfers requested by {agency}"),
    _(
        "Some people nominated by {agency} are registered with another agency. A transfer has been "
        "requested for:\n\n"
        "{lines}\n\n"
        "Their enrollment remains valid. You can see whether the transfer is accepted at {link}."
    ),
    _LIST,
)
TRANSFERS_ASKED = _of_transfer(
    "transfers_asked",
    _("Transfer requests to the current agency"),
    _FORMER,
    _("{agency} requests the transfer of people of your agency ({count})"),
    _(
        "{agency} has nominated people of your agency for a class and requests their transfer:\n\n"
        "{lines}\n\n"
        "Until this is answered, their records do not change and {agency} cannot see them. Accept "
        "or decline at {link}."
    ),
    _LIST,
)
TRANSFER_OF_PERSON_ASKED = _of_transfer(
    "transfer_of_person_asked",
    _("Transfer request to the person"),
    _PERSON,
    _("{agency} requests your transfer"),
    _(
        "{agency} has nominated you for a class and requests your transfer to it. Until you, your "
        "agency or the programme office accept, your record does not change and {agency} cannot "
        "see it. If you have an account, you can answer at {link}."
    ),
    {"agency": _AGENCY, "link": _LINK},
)
# The sender's message, then the person's.
TRANSFER_ACCEPTED = (
    _of_transfer(
        "transfer_accepted",
        _("Transfer accepted"),
        _SENDER,
        _("Transfer of {full_name}"),
        _("The transfer of {full_name} to {agency} was accepted."),
        _ANSWER,
    ),
    _of_transfer(
        "transfer_of_person_accepted",
        _("Transfer accepted"),
        _PERSON,
        _("Your transfer to {agency}"),
        _("Your transfer to {agency} was accepted: it is now your agency."),
        {"agency": _AGENCY, "link": _LINK},
    ),
)
TRANSFER_DECLINED = (
    _of_transfer(
        "transfer_declined",
        _("Transfer declined"),
        _SENDER,
        _("Transfer of {full_name}"),
        _("The transfer of {full_name} to {agency} was declined.\n\nReason: {reason}"),
        _ANSWER,
    ),
    _of_transfer(
        "transfer_of_person_declined",
        _("Transfer declined"),
        _PERSON,
        _("Your transfer to {agency}"),
        _("Your transfer to {agency} was declined: your agency does not change."),
        {"agency": _AGENCY, "link": _LINK},
    ),
)
DATA_REQUEST_ANSWERED = MessageKind(
    "data_request_answered",
    Importance.DECISION,
    _("Data request answered"),
    _PERSON,
    _("Your request about your data: {state}"),
    _("On {day} you requested: {request}.\n\n{answer}"),
    {
        "full_name": (_("full name"), "Nguyễn Thị Ánh"),
        "state": (_("state"), _("granted")),
        "day": (_("day of the request"), "15/06/2026"),
        "request": (_("what was requested"), _("a copy of one's own data")),
        "answer": (_("the answer"), _("The copy is attached to your record.")),
    },
)

ALL = (
    ADDRESS_UNDELIVERABLE, TRANSFERS_REQUESTED, TRANSFERS_ASKED, TRANSFER_OF_PERSON_ASKED,
    *TRANSFER_ACCEPTED, *TRANSFER_DECLINED, DATA_REQUEST_ANSWERED,
)  # fmt: skip
