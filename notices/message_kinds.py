from django.utils.translation import gettext_lazy as _

from accounts.choices import PEOPLE_MANAGERS
from notices.kinds import DAILY_DIGEST, Importance, MessageKind

DIGEST = MessageKind(
    DAILY_DIGEST,
    Importance.INFORMATION,
    _("Daily digest"),
    _("coordinators and the programme office who have chosen it"),
    _("{day}: {count} new"),
    _("What is new up to {day} ({count}):\n\n{lines}\n\nAll notifications: {link}"),
    {
        "day": (_("day"), "15/06/2026"),
        "count": (_("how many"), "2"),
        "lines": (
            _("the messages, one below the other"),
            _("1. Class UDAI-01: changes for your people\n- Nguyễn Thị Ánh: enrolled"),
        ),
        "link": (_("address of the page"), "https://699.example.gov.vn/notifications/"),
    },
    readers=PEOPLE_MANAGERS,
)
