from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from notices.kinds import Importance, MessageKind

RECORDS_DUE = MessageKind(
    "records_due",
    Importance.INFORMATION,
    _("Records whose retention time is over"),
    _("the programme office"),
    _("{year}: records whose retention time is over"),
    _(
        "The retention time of these records is over:\n\n"
        "{lines}\n\n"
        "Nothing is deleted by itself. They can be packed for the archive, and deleted once "
        "another member of the programme office approves: {link}"
    ),
    {
        "year": (_("year"), "2036"),
        "lines": (_("kinds and numbers of records, one per line"), _("- Answers to tests: 1,204")),
        "link": (_("address of the page"), "https://699.example.gov.vn/retention/"),
    },
    readers=(Role.PROGRAMME_OFFICE,),
)
ALL = (RECORDS_DUE,)
