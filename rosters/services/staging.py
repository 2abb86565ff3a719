"""An uploaded roster on its way: staged, checked row by row, confirmed or discarded.

File and report rest encrypted in the upload's row. Checking and importing are jobs; both may be
run twice without harm.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor, deed, note
from common import clock
from common.bulk import drop_cycles, no_garbage_looked_for
from common.encryption import box
from common.errors import DomainError
from common.spreadsheets import Row, Sheet, open_sheets
from courses.models import CourseRun
from enrollment.services.undoing import take_back
from jobs import services as jobs
from people.choices import Sex
from people.services import restore
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.layouts import FIELDS_TOLD, NAME_FIELDS, Layout, guess_layout, heading_key
from rosters.models import RosterImport, StagedPart, ToldHeading
from rosters.querysets import RosterImportQuerySet
from rosters.services.importing import (
    Advance,
    RosterRejectedError,
    import_parts,
    nothing_to_tell,
    read,
)
from rosters.services.parts import Part, new_parts, part_with, parts_of, results_of
from rosters.services.planning import PART, Planner, RowPlan
from rosters.services.report import ImportReport
from rosters.sheets import Roster, RosterRow, RosterValues
from rosters.sheets.person import as_written, read_person

CHECK, IMPORT = "check_roster", "import_roster"
KEPT = dt.timedelta(days=30)
AT_ONCE = 5_000  # rows that are checked again while their reader waits


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
    upload.save(update_fields=["state", "finished_at"])
    _forget(RosterImport.objects.filter(pk=upload.pk))
    note(roster=upload.pk)
    return upload


@deed("roster_columns_told")
def tell_columns(
    *, by: Actor, user: User, upload: RosterImport, sheet: str, fields: Mapping[int, str]
) -> RosterImport:
    """Read the file again with these columns: column → field, or empty for none of ours.

    What was said is remembered for the agency's next rosters. Raises RosterError ``not_staged``.
    """
    upload = _held(upload)
    table = upload.table
    if upload.state != ImportState.STAGED or _is_busy(upload) or not table:
        raise _not_staged()
    if sheet == table["sheet"] or not sheet:
        for at, field in fields.items():
            if (heading := table["headings"].get(str(at))) and field in FIELDS_TOLD:
                ToldHeading.objects.update_or_create(
                    agency=upload.agency,
                    heading_key=heading_key(heading)[:120],
                    defaults={"field": field},
                )
    upload.sheet, upload.report = sheet, None
    upload.save(update_fields=["sheet", "report"])
    upload.parts.all().delete()
    _start(upload, CHECK, by, user)
    note(roster=upload.pk, columns=len(fields))
    return upload


@deed("roster_row_mended")
def mend(
    *, by: Actor, user: User, upload: RosterImport, row_number: int, cells: Mapping[str, str]
) -> RosterImport:
    """Replace the cells of one staged row, read it by the same rules, and check all again.

    A short roster is checked at once, a long one as a job. Raises RosterError ``not_staged``,
    ``no_such_row``.
    """
    upload = _held(upload)
    if upload.state != ImportState.STAGED or _is_busy(upload):
        raise _not_staged()
    part = part_with(upload, row_number)
    at = [row.number for row in part.rows].index(row_number) if part else -1
    if part is None:
        raise RosterError("no_such_row", _("This row is not on the roster."))
    known = {field: text for field, text in cells.items() if field in FIELDS_TOLD}
    layout, row = _line(upload, row_number, known)
    years = upload.run.course.bare_birth_years
    part.rows[at] = read_person(layout, row, bare_birth_years=years)
    part.keep()
    if (upload.parts.count() - 1) * PART < AT_ONCE:
        _plan_again(upload)
    else:
        _start(upload, CHECK, by, user)
    note(roster=upload.pk, row=row_number)
    return upload


def cells_of(upload: RosterImport, row_number: int) -> dict[str, str]:
    """What stands in a staged row, by field, as it can be written again."""
    part = part_with(upload, row_number)
    row = next((one for one in part.rows if one.number == row_number), None) if part else None
    if row is None or upload.table is None:
        raise RosterError("no_such_row", _("This row is not on the roster."))
    columns = [field for field in upload.table["columns"] if field != "index"]
    if row.cells is not None:
        return {field: row.cells.get(field, "") for field in columns}
    return {field: _said(row.values, field) for field in columns}


def findings_of(upload: RosterImport, row_number: int) -> list[str]:
    """What was found in one row, in sentences."""
    part = part_with(upload, row_number)
    for result in part.results if part else ():
        if result.row == row_number:
            return [finding.message for finding in (*result.errors, *result.warnings)]
    return []


def _said(values: RosterValues, field: str) -> str:
    match field:
        case "birth" | "birth_male" | "birth_female":
            wrong = {"birth_male": "female", "birth_female": "male"}.get(field) == values.sex
            birth: dt.date | int | None = values.birth_date or values.birth_year
            return "" if wrong else as_written(birth)
        case "sex":
            return str(Sex(values.sex).label) if values.sex else ""
        case "personal_number":
            return values.personal_number or values.masked_number or ""
        case "family_name":
            return values.full_name.rpartition(" ")[0]
        case "given_name":
            return values.full_name.rpartition(" ")[2]
        case "middle_name":
            return ""
    return str(getattr(values, field, None) or "")


def _line(upload: RosterImport, number: int, cells: Mapping[str, str]) -> tuple[Layout, Row]:
    """One row of the table as it would stand in the file with these cells."""
    table: dict[str, Any] = upload.table or {}
    columns: dict[str, int] = table["columns"]
    width = 1 + max(columns.values())
    values: list[str | None] = [None] * width
    for field, at in columns.items():
        values[at] = cells.get(field) or None
    headings = {int(at): text for at, text in table["headings"].items()}
    nowhere = Sheet(table["sheet"], lambda: iter(()))
    return Layout(nowhere, 0, 0, columns, headings), Row(number, tuple(values))


@deed("roster_undone")
def undo(*, by: Actor, upload: RosterImport) -> RosterImport:
    """Take a whole import back while nothing has been built on it.

    Its places are cancelled and what it changed of known people is as before, unless somebody
    changed it since. People who were entered stay, without a place: the seat ledger names them.
    Raises RosterError ``not_imported``, EnrollmentError ``built_upon``.
    """
    upload = _held(upload)
    if upload.state != ImportState.IMPORTED or upload.entered is None:
        raise RosterError("not_imported", _("This roster cannot be undone any more."))
    entered = upload.entered
    taken_back = take_back(
        by=by,
        run=upload.run,
        trainee_ids=entered["placed"],
        reason=_("Roster %(file)s undone") % {"file": upload.file_name},
    )
    restore(by=by, before={int(pk): values for pk, values in entered["amended"].items()})
    upload.state, upload.undone_at, upload.entered = ImportState.UNDONE, clock.now(), None
    upload.save(update_fields=["state", "undone_at", "entered"])
    note(roster=upload.pk, run=upload.run.code, places=taken_back)
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
    told = dict(upload.agency.told_headings.values_list("heading_key", "field"))
    return read(file_of(upload), upload.file_name, upload.run, upload.sheet, told)


def file_of(upload: RosterImport) -> bytes:
    """The uploaded bytes. Raises RosterError ``file_gone``."""
    if not upload.content:
        raise RosterError("file_gone", _("The file is no longer kept; upload it again."))
    return box().decrypt(bytes(upload.content))


def report_of(upload: RosterImport) -> ImportReport | None:
    """What checking or importing found, once it has."""
    return ImportReport(results_of(upload), **upload.report) if upload.report else None


def check_staged(upload_id: int, advance: Advance = nothing_to_tell) -> None:
    """Read the file and keep what importing it would do. A file that cannot be read is refused.

    One whose columns are not recognised waits for somebody to tell them.
    """
    upload = RosterImport.objects.select_related("run__course", "agency").get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    if upload.parts.exists():
        _plan_again(upload, advance)
        return
    try:
        roster = roster_of(upload)
    except DomainError as error:
        if error.code in ("no_known_columns", "no_name_column") and _guess(upload):
            raise
        _finish(upload, ImportState.REFUSED, None)
        raise
    _keep_table(upload, roster.layout, roster.notes)
    _plan_new(upload, roster, advance)


@no_garbage_looked_for()
@transaction.atomic
def _plan_new(upload: RosterImport, roster: Roster, advance: Advance) -> None:
    planner = Planner(roster.layout.heading, upload.run, upload.agency)
    done = 0
    for part in new_parts(upload, roster.rows):
        part.results = [row.result for row in planner.plan(part.rows)]
        part.keep()
        drop_cycles()
        done += len(part.rows)
        advance(done, len(roster.rows))
    _settle_report(upload)


@no_garbage_looked_for()
@transaction.atomic
def _plan_again(upload: RosterImport, advance: Advance = nothing_to_tell) -> None:
    planner = Planner(heading_in(upload), upload.run, upload.agency)
    total = upload.parts.count()
    for done, part in enumerate(parts_of(upload), start=1):
        part.results = [row.result for row in planner.plan(part.rows)]
        part.keep()
        drop_cycles()
        advance(done, total)
    _settle_report(upload)


def _settle_report(upload: RosterImport) -> None:
    upload.report = ImportReport([]).summary()
    upload.save(update_fields=["report"])


def heading_in(upload: RosterImport) -> Callable[[str], str]:
    """The heading of a field as it stands in the file; that of the name if it has none."""
    table: dict[str, Any] = upload.table or {"columns": {}, "headings": {}}
    columns = table["columns"]
    by_field = {field: table["headings"].get(str(at), "") for field, at in columns.items()}
    name = next((by_field[field] for field in NAME_FIELDS if field in by_field), "")
    return lambda field: by_field.get(field, name)


def _guess(upload: RosterImport) -> bool:
    """Keep what a table may be, for somebody to say what its columns hold."""
    layout = guess_layout(open_sheets(file_of(upload), upload.file_name))
    if layout is None:
        return False
    _keep_table(upload, layout, ())
    return True


def _keep_table(upload: RosterImport, layout: Layout, notes: Sequence[str]) -> None:
    upload.table = {
        "sheet": layout.sheet.name,
        "sheets": [layout.sheet.name, *layout.other_sheets],
        "header_row": layout.header_row,
        "columns": dict(layout.columns),
        "headings": {str(at): text for at, text in layout.headings.items()},
        "notes": list(notes),
    }
    upload.save(update_fields=["table"])


def import_staged(upload_id: int, *, by: Actor, partial: bool) -> None:
    """Enter a confirmed roster; what was entered and that it was are kept together."""
    try:
        _import_held(upload_id=upload_id, by=by, partial=partial)
    except RosterRejectedError:
        # Something changed between checking and confirming: the new findings are what counts.
        upload = RosterImport.objects.select_related("run__course", "agency").get(pk=upload_id)
        _plan_again(upload)
        raise


@no_garbage_looked_for()
@deed("roster_imported")
def _import_held(*, upload_id: int, by: Actor, partial: bool) -> None:
    rows = RosterImport.objects.select_for_update(of=("self",))
    upload = rows.select_related("run__course", "agency").get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    entered = _Entered()
    report = import_parts(
        by=by,
        parts=entered.rows(parts_of(upload)),
        heading=heading_in(upload),
        run=upload.run,
        agency=upload.agency,
        partial=partial,
        done=entered.done,
    )
    upload.entered = {"placed": entered.placed, "amended": entered.amended}
    upload.save(update_fields=["entered"])
    _finish(upload, ImportState.IMPORTED, report)


class _Entered:
    """Keeps the results of each part, and what has to be known to take the import back."""

    def __init__(self) -> None:
        self.placed: list[int] = []
        self.amended: dict[int, dict[str, list[Any]]] = {}
        self._part: Part | None = None

    def rows(self, parts: Iterable[Part]) -> Iterator[list[RosterRow]]:
        for part in parts:
            self._part = part
            yield part.rows

    def done(self, plans: Sequence[RowPlan], _so_far: int) -> None:
        assert self._part is not None
        self._part.results = [plan.result for plan in plans]
        self._part.keep()
        for plan in plans:
            if plan.enters_run and plan.person_id:
                self.placed.append(plan.person_id)
            if plan.trainee and plan.before:
                after = plan.trainee
                self.amended[after.pk] = {
                    name: [_plain(value), _plain(getattr(after, name))]
                    for name, value in plan.before.items()
                    if value != getattr(after, name)
                }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _finish(upload: RosterImport, state: ImportState, report: ImportReport | None) -> None:
    upload.state, upload.finished_at = state, clock.now()
    upload.report = report.summary() if report else None
    upload.save(update_fields=["state", "finished_at", "report"])


def forget_expired() -> int:
    """Erase file, rows and findings of uploads whose time is over; how many there were."""
    return _forget(RosterImport.objects.filter(expires_at__lt=clock.now()).exclude(content=b""))


def _forget(uploads: RosterImportQuerySet) -> int:
    ids = list(uploads.values_list("pk", flat=True))
    StagedPart.objects.filter(roster__in=ids).delete()
    return RosterImport.objects.filter(pk__in=ids).update(
        content=b"", report=None, table=None, entered=None
    )
