"""An uploaded roster on its way: staged, checked row by row, confirmed or discarded.

File and report rest encrypted in the upload's row. Checking and importing are jobs; both may be
run twice without harm.
"""

import datetime as dt
import hashlib
from pathlib import PurePath

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor, deed, note
from common import clock
from common.encryption import box
from common.errors import DomainError
from courses.models import CourseRun
from jobs import services as jobs
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.models import RosterImport
from rosters.services.importing import RosterRejectedError, check_roster, import_roster, read
from rosters.services.report import ImportReport
from rosters.sheets import Roster

CHECK, IMPORT = "check_roster", "import_roster"
KEPT = dt.timedelta(days=30)


@deed("roster_uploaded")
def stage(
    *, by: Actor, user: User, run: CourseRun, agency: Agency, file_name: str, content: bytes
) -> RosterImport:
    """Keep an uploaded file and have it checked; nothing of it is entered yet.

    Raises RosterError ``file_too_large``.
    """
    if len(content) > settings.ROSTER_MAX_BYTES:
        most = {"most": settings.ROSTER_MAX_BYTES // 1_000_000}
        raise RosterError(
            "file_too_large",
            _("The file is larger than %(most)s MB; split it into several rosters.") % most,
        )
    upload = RosterImport.objects.create(
        run=run,
        agency=agency,
        uploaded_by=user,
        file_name=PurePath(file_name).name[-200:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        content=box().encrypt(content),
        expires_at=clock.now() + KEPT,
    )
    _start(upload, CHECK, by, user)
    note(run=run.code, agency=agency.slug, file_sha256=upload.file_sha256)
    return upload


@deed("roster_confirmed")
def confirm(*, by: Actor, user: User, upload: RosterImport, partial: bool = False) -> RosterImport:
    """Have a checked roster entered; ``partial`` leaves its rejected rows out.

    Raises RosterError ``not_staged``.
    """
    upload = _held(upload)
    if upload.report is None or upload.state != ImportState.STAGED or _is_busy(upload):
        raise _not_staged()
    _start(upload, IMPORT, by, user, partial=partial)
    note(roster=upload.pk, run=upload.run.code, partial=partial)
    return upload


@deed("roster_discarded")
def discard(*, by: Actor, upload: RosterImport) -> RosterImport:
    """Throw an upload away before it is entered; its file and report are gone.

    Raises RosterError ``not_staged``.
    """
    upload = _held(upload)
    if upload.state != ImportState.STAGED or _is_busy(upload):
        raise _not_staged()
    upload.state, upload.finished_at = ImportState.DISCARDED, clock.now()
    upload.content, upload.report = b"", None
    upload.save(update_fields=["state", "finished_at", "content", "report"])
    note(roster=upload.pk)
    return upload


def _held(upload: RosterImport) -> RosterImport:
    rows = RosterImport.objects.select_for_update(of=("self",)).select_related("run", "job")
    return rows.get(pk=upload.pk)


def _is_busy(upload: RosterImport) -> bool:
    return upload.job is not None and not upload.job.is_over


def _not_staged() -> RosterError:
    return RosterError(
        "not_staged", _("This roster is being worked on or is settled; reload the page.")
    )


def _start(upload: RosterImport, kind: str, by: Actor, user: User, partial: bool = False) -> None:
    payload = {"roster": upload.pk, "partial": partial}
    upload.job = jobs.start(kind=kind, payload=payload, owner=user, by=by)
    upload.save(update_fields=["job"])


def roster_of(upload: RosterImport) -> Roster:
    """The rows of the uploaded file. Raises DomainError where it cannot be read at all."""
    if not upload.content:
        raise RosterError("file_gone", _("The file is no longer kept; upload it again."))
    return read(box().decrypt(bytes(upload.content)), upload.file_name, upload.run)


def report_of(upload: RosterImport) -> ImportReport | None:
    """What checking or importing found, once it has."""
    return ImportReport.from_storage(upload.report) if upload.report else None


def check_staged(upload_id: int) -> None:
    """Read the file and keep what importing it would do. A file that cannot be read is refused."""
    upload = RosterImport.objects.select_related("run__course", "agency").get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    try:
        report = check_roster(roster=roster_of(upload), run=upload.run, agency=upload.agency)
    except DomainError:
        _finish(upload, ImportState.REFUSED, None)
        raise
    upload.report = report.to_storage()
    upload.save(update_fields=["report"])


def import_staged(upload_id: int, *, by: Actor, partial: bool) -> None:
    """Enter a confirmed roster; what was entered and that it was are kept together."""
    try:
        _import_held(upload_id, by=by, partial=partial)
    except RosterRejectedError as refused:
        # Something changed between checking and confirming: the new findings are what counts.
        RosterImport.objects.filter(pk=upload_id, state=ImportState.STAGED).update(
            report=refused.report.to_storage()
        )
        raise


@transaction.atomic
def _import_held(upload_id: int, *, by: Actor, partial: bool) -> None:
    rows = RosterImport.objects.select_for_update(of=("self",))
    upload = rows.select_related("run__course", "agency").get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    report = import_roster(
        by=by, roster=roster_of(upload), run=upload.run, agency=upload.agency, partial=partial
    )
    _finish(upload, ImportState.IMPORTED, report)


def _finish(upload: RosterImport, state: ImportState, report: ImportReport | None) -> None:
    upload.state, upload.finished_at = state, clock.now()
    upload.report = report.to_storage() if report else None
    upload.save(update_fields=["state", "finished_at", "report"])


def forget_expired() -> int:
    """Erase file and findings of uploads whose time is over; how many there were."""
    expired = RosterImport.objects.filter(expires_at__lt=clock.now()).exclude(content=b"")
    return expired.update(content=b"", report=None)
