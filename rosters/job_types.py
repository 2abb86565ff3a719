from typing import Final, NotRequired, TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.job_types import JobType


class RosterPayload(TypedDict):
    roster: int
    partial: NotRequired[bool]


class ExportPayload(TypedDict):
    export: int


CHECK_ROSTER: Final = JobType[RosterPayload](
    "check_roster", module="rosters.tasks", label=_("Roster check")
)
IMPORT_ROSTER: Final = JobType[RosterPayload](
    "import_roster", module="rosters.tasks", label=_("Roster import")
)
EXPORT_ROSTER: Final = JobType[ExportPayload](
    "export_roster", module="rosters.tasks", label=_("Roster export"), mails_result=True
)
