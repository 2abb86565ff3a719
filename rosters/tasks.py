from typing import Any

from django.urls import reverse

from jobs.services import Progress
from rosters.exporting import export_requests
from rosters.importing import check_job, import_job
from rosters.job_types import (
    CHECK_ROSTER,
    EXPORT_ROSTER,
    IMPORT_ROSTER,
    ExportPayload,
    RosterPayload,
)


@CHECK_ROSTER.work
def check_roster(progress: Progress[RosterPayload]) -> dict[str, Any]:
    check_job.check_upload(progress.payload["roster"], progress.advance, by=progress.actor)
    return _result(progress)


@IMPORT_ROSTER.work
def import_roster(progress: Progress[RosterPayload]) -> dict[str, Any]:
    with progress.outside_transaction():
        import_job.import_upload(
            progress.payload["roster"],
            by=progress.actor,
            partial=progress.payload.get("partial", False),
            advance=progress.advance,
        )
    return _result(progress)


@EXPORT_ROSTER.work
def export_roster(progress: Progress[ExportPayload]) -> dict[str, Any]:
    export, warning = export_requests.write_export(progress)
    return {
        "page": reverse("export_file", args=[export.pk]),
        "until": export.expires_at.isoformat(),
        "owner_only": True,
        "warning": warning,
    }


def _result(progress: Progress[RosterPayload]) -> dict[str, Any]:
    return {"page": reverse("roster", args=[progress.payload["roster"]])}
