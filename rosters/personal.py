"""Which columns of rosters hold personal data, and what erases them."""

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

_MANY = "a list of many people, encrypted, for weeks: what was entered from it is shown"
_SENDER = "about the list and whoever sent it in office"

PERSONAL = (
    PersonalModel(
        "rosters.RosterImport",
        "",
        (
            *(
                Personal(name, Erased.IN_APP, why=_MANY)
                for name in ("content", "table", "report", "file_name", "letter_file")
            ),
            *(
                Personal(name, Erased.STAYS, why=_SENDER)
                for name in (
                    "file_sha256",
                    "sheet",
                    "letter_number",
                    "letter_signer",
                    "letter_file_name",
                )
            ),
        ),
        user="uploaded_by",
    ),
    PersonalModel(
        "rosters.StagedPart",
        "",
        (
            Personal("content", Erased.IN_APP, why=_MANY),
            Personal("entered", Erased.IN_APP, why=_MANY),
        ),
        user="roster__uploaded_by",
    ),
    PersonalModel(
        "rosters.RosterExport",
        "",
        (
            Personal("content", Erased.IN_APP, why=_MANY),
            Personal("row_ids", Erased.IN_APP, why=_MANY),
            Personal("wanted", Erased.IN_APP, why=_MANY),
            Personal("file_name", Erased.STAYS, why="made by us from the class's code and the day"),
        ),
        user="owner",
    ),
    PersonalModel(
        "rosters.RosterView",
        _("Saved roster columns"),
        (
            Personal("name", Erased.STAYS, shown=_("Name"), why="columns chosen in office"),
            Personal("fields", Erased.STAYS, why="columns chosen in office"),
        ),
        user="owner",
    ),
    PersonalModel(
        "rosters.ListSchedule",
        _("Monthly lists"),
        (
            Personal("name", Erased.STAYS, shown=_("Name"), why="a list chosen in office"),
            Personal("wanted", Erased.IN_APP, why="rows chosen in office; a search may name one"),
            Personal("last_month", Erased.STAYS, why="when it was made"),
        ),
        user="owner",
    ),
    Impersonal(
        "rosters.HeadingMapping", "headings of columns; those that name a person are erased"
    ),
)
