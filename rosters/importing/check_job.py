"""The job that reads an uploaded roster and finds out what importing it would do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Literal

from agencies.models import Agency
from audit.services import Actor
from common import clock
from common.bounded import BoundedError, Limits
from common.deferred_messages import DeferredMessage as _
from common.deferred_messages import message_from_json
from common.encryption import box
from common.errors import DomainError
from common.garbage_collection import gc_disabled
from common.spreadsheets import IN_A_JOB, open_sheets
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.fields import NAME_KEYS
from rosters.importing.changes import changes_of
from rosters.importing.importer import Advance, ignore_progress
from rosters.importing.layouts.guess import guess_layout
from rosters.importing.layouts.layout import Layout, with_mapping
from rosters.importing.missing import NOBODY_MISSING
from rosters.importing.planner import Planner
from rosters.importing.preview import Preview
from rosters.importing.report import ImportReport, tally
from rosters.importing.row_plan import batched
from rosters.importing.rows import OpenRoster, open_roster
from rosters.importing.rows.cell_texts import as_written
from rosters.importing.senders import Sender, sender_of
from rosters.importing.staged_rows import Part, new_parts, parts_of
from rosters.models import RosterImport

NOBODY: Final = 0  # no user's id
_MAY_BE_MAPPED: Final = frozenset({"no_known_columns", "no_name_column", "no_rows"})


def check_upload(
    upload_id: int, advance: Advance = ignore_progress, *, by: Actor | None = None
) -> None:
    """Read the file and store what importing it would do. A file that cannot be read is refused.

    Where no columns are recognised, or people stand on another sheet, the upload waits for somebody
    to assign columns or choose the sheet.
    """
    upload = RosterImport.objects.without_file().get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    if upload.report is not None:
        plan_again(upload, advance, by=by)
        return
    try:
        _plan_new(upload, advance, by)
    except DomainError as error:
        if isinstance(error, BoundedError) and error.is_busy:
            raise  # nothing is known of the file; the job may be tried again
        if error.code in _MAY_BE_MAPPED and _guess(upload, error):
            raise
        upload.parts.all().delete()
        finish(upload, ImportState.REFUSED, None)
        raise


@gc_disabled()
def _plan_new(upload: RosterImport, advance: Advance, by: Actor | None) -> None:
    """Each part is stored by itself; a check that breaks off starts again from the first."""
    roster, actor = roster_of(upload), by or actor_of(upload)

    def plan_rows() -> None:
        heading, parts = roster.layout.heading, new_parts(upload, batched(roster.rows()))
        planner = Planner(heading, upload.run, sender(upload, actor))
        _plan_parts(upload, planner, actor, parts, advance)

    plan_rows()
    if roster.has_unclear_births():
        plan_rows()
    messages = {
        "notes": [note.reason.as_json() for note in roster.notes],
        "warnings": [problem.sentence.as_json() for problem in roster.warnings],
    }
    _save_table(upload, roster.layout, messages)


@gc_disabled()
def plan_again(
    upload: RosterImport,
    advance: Advance = ignore_progress,
    *,
    by: Actor | None = None,
    waits: bool = True,
) -> int:
    """Plan the stored rows once more, since the database or a row has changed.

    Returns how many rows disagree for the first time with the data of others. Raises
    PeopleError ``compared_elsewhere`` where it does not wait for other lists of the sender.
    """
    actor = by or actor_of(upload)
    planner = Planner(heading_in(upload), upload.run, sender(upload, actor))
    parts, rows = parts_of(upload), Preview(upload).count()
    return _plan_parts(upload, planner, actor, parts, advance, total=rows, waits=waits)


def _plan_parts(
    upload: RosterImport,
    planner: Planner,
    actor: Actor,
    parts: Iterable[Part],
    advance: Advance,
    *,
    total: int = 0,
    waits: bool = True,
) -> int:
    """Store the plans of each part, and what they come to; returns what ``plan_again`` does."""
    done, tallies, disagree = 0, list[dict[str, int]](), 0
    with planner.sender.comparing(actor, waits=waits) as record:
        for part in parts:
            plans = planner.plan(part.rows)
            # Now, not at the end: whoever cancels the rest has read this part.
            disagree += record()
            part.keep(results := [plan.result for plan in plans], changes_of(plans))
            tallies.append(tally(results))
            done += len(part.rows)
            advance(done, total)
        _settle_report(upload, planner, tallies)
    return disagree


def actor_of(upload: RosterImport) -> Actor:
    user = upload.uploaded_by
    return user.as_actor() if user else Actor(NOBODY, "")


def sender(upload: RosterImport, by: Actor) -> Sender:
    """In whose name an upload is checked or imported by somebody. Raises RosterError
    ``no_longer_yours``.
    """
    return sender_of(by, upload.agency, moves=upload.moves, source=f"roster:{upload.pk}")


def _settle_report(
    upload: RosterImport, planner: Planner, tallies: Sequence[Mapping[str, int]]
) -> None:
    # The rest of a partial import names only some of the people who are on its list.
    missing = NOBODY_MISSING if upload.rest_of_id else planner.missing()
    reach = asdict(planner.reach())
    found = {"parts": list(tallies), "entering": planner.entering, "reach": reach}
    upload.report = ImportReport([], missing=missing).summary() | found
    upload.save(update_fields=["report"])


def roster_of(upload: RosterImport, limits: Limits = IN_A_JOB) -> OpenRoster:
    return open_roster(
        file_of(upload),
        upload.file_name,
        bare_birth_years=upload.run.course.bare_birth_years,
        sheet=upload.sheet,
        mapping=heading_mappings_of(upload.agency),
        columns=_chosen_columns(upload),
        limits=limits,
    )


def heading_mappings_of(agency: Agency) -> dict[str, str]:
    return dict(agency.heading_mappings.values_list("heading_key", "field"))


def _chosen_columns(upload: RosterImport) -> dict[int, str]:
    chosen = (upload.table or {}).get("chosen", {})
    return {int(at): field for at, field in chosen.items()}


def file_of(upload: RosterImport) -> bytes:
    """The uploaded bytes. Raises RosterError ``file_gone``."""
    content = RosterImport.objects.values_list("content", flat=True).get(pk=upload.pk)
    if not content:
        raise RosterError("file_gone", _("The file is no longer available; upload it again."))
    return box().decrypt(bytes(content))


def messages_of(upload: RosterImport, what: Literal["notes", "warnings"]) -> list[str]:
    return [str(message_from_json(one)) for one in (upload.table or {}).get(what, ())]


def heading_in(upload: RosterImport) -> Callable[[str], str]:
    """Field → its heading in the file; the heading of the name where the field has no column."""
    table: dict[str, Any] = upload.table or {"columns": {}, "headings": {}}
    columns = table["columns"]
    by_field = {field: table["headings"].get(str(at), "") for field, at in columns.items()}
    name = next((by_field[field] for field in NAME_KEYS if field in by_field), "")
    return lambda field: by_field.get(field, name)


def _guess(upload: RosterImport, error: DomainError) -> bool:
    """Store a table with unknown headings, so that somebody can assign its columns or choose
    another sheet; false where there is none.
    """
    layout = guess_layout(open_sheets(file_of(upload), upload.file_name, IN_A_JOB), upload.sheet)
    if layout is None or (error.code == "no_rows" and len(layout.sheets) == 1):
        return False
    first = next((r for r in layout.sheet.rows() if r.number >= layout.first_data_row), None)
    cells = enumerate(first.values if first else ())
    examples = {str(at): text for at, value in cells if (text := as_written(value))}
    _save_table(upload, with_mapping(layout, {}, _chosen_columns(upload)), {"examples": examples})
    return True


def _save_table(upload: RosterImport, layout: Layout, more: Mapping[str, Any]) -> None:
    """``more``: ``notes`` and ``warnings`` on the file, or ``examples`` of cells by column."""
    upload.table = {
        "sheet": layout.sheet.name,
        "sheets": list(layout.sheets),
        "header_row": layout.header_row,
        "columns": dict(layout.columns),
        "headings": {str(at): text for at, text in layout.headings.items()},
        "guessed": layout.guessed,
        "chosen": (upload.table or {}).get("chosen", {}),
        **more,
    }
    upload.save(update_fields=["table"])


def finish(
    upload: RosterImport,
    state: ImportState,
    report: ImportReport | None,
    tallies: Sequence[Mapping[str, int]] = (),
) -> None:
    """``tallies`` count the rows of each part."""
    upload.state, upload.finished_at = state, clock.now()
    upload.report = report.summary() | {"parts": list(tallies)} if report else None
    upload.save(update_fields=["state", "finished_at", "report"])
