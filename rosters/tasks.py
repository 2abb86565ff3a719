"""The work of a roster's jobs."""

from typing import Any

from django.urls import reverse

from jobs.services import Progress
from rosters.exporting import export_requests
from rosters.importing import check_job, import_job


def check_roster(progress: Progress) -> dict[str, Any]:
    check_job.check_upload(progress.payload["roster"], progress.advance, by=progress.actor)
    return _answer(progress)


def import_roster(progress: Progress) -> dict[str, Any]:
    with progress.outside_transaction():
        import_job.import_upload(
            progress.payload["roster"],
            by=progress.actor,
            partial=bool(progress.payload.get("partial")),
            advance=progress.advance,
        )
    return _answer(progress)


def export_roster(progress: Progress) -> dict[str, Any]:
    export, warning = export_requests.write_export(progress)
    return {
        "page": reverse("export_file", args=[export.pk]),
        "until": export.expires_at.isoformat(),
        "owner_only": True,
        "warning": warning,
    }


def _answer(progress: Progress) -> dict[str, Any]:
    return {"page": reverse("roster", args=[progress.payload["roster"]])}
