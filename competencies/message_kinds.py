"""What coordinators are told about those who are not yet trained."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from notices.kinds import Days, Importance, MessageKind

UNTRAINED = MessageKind(
    "audiences_untrained",
    Importance.REMINDER,
    _("People of audiences not yet trained"),
    _("the agency's coordinators"),
    _("People of your agency not yet trained, as of {day}"),
    _(
        "These people of your agency should have learnt what their audience asks for, and have "
        "not yet, as of {day}:\n\n"
        "{lines}\n\n"
        "Their names, and what each of them still has to learn, are in the list behind each "
        "address."
    ),
    {
        "day": (_("day of the figures"), "05/06/2026"),
        "lines": (
            _("the audiences, one per line"),
            _("- Leaders: 12 / 40 – https://699.example.gov.vn/people/?untrained=leaders"),
        ),
    },
    days=Days(_("day of the month"), default=5, least=1, most=28),
    required=("lines",),
    readers=(Role.COORDINATOR,),
)

ALL = (UNTRAINED,)
