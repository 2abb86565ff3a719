"""What a partial import left out: staged again, to be corrected and imported."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited
from common import clock
from rosters.choices import ImportState, Outcome
from rosters.errors import RosterError
from rosters.importing.preview import Preview
from rosters.importing.report import ImportReport, RowResult, tally
from rosters.importing.row_plan import batched
from rosters.importing.rows import RosterRow
from rosters.importing.staged_rows import new_parts, parts_of
from rosters.importing.staging import RETENTION, locked
from rosters.models import RosterImport

_ENDED = (ImportState.DISCARDED, ImportState.UNDONE)
_COPIED = (
    "run_id", "agency_id", "file_name", "file_sha256", "content", "sheet", "table", "moves",
    "letter_number", "letter_dated", "letter_signer",
)  # fmt: skip


@audited("roster_rest_staged")
def stage_rest(*, by: Actor, user: User, upload: RosterImport) -> RosterImport:
    """Stage the rejected rows of a partial import as a roster of their own.

    Once only: asked again, the same roster is returned unless it was discarded or undone. Raises
    RosterError ``nothing_left``.
    """
    upload = locked(upload)
    if existing := rest_of(upload):
        return existing
    if not has_rest(upload):
        raise RosterError("nothing_left", _("This import left out no rows that can be corrected."))
    rest = RosterImport(
        uploaded_by=user,
        rest_of=upload,
        expires_at=clock.now() + RETENTION,
        **{name: getattr(upload, name) for name in _COPIED},
    )
    rest.save()
    tallies = list[Mapping[str, int]]()
    rows, results = _rejected(upload)
    for part in new_parts(rest, batched(rows)):
        found = [results[row.number] for row in part.rows]
        part.keep(found)
        tallies.append(tally(found))
    rest.report = ImportReport([]).summary() | {"parts": tallies}
    rest.save(update_fields=["report"])
    audit_details(roster=rest.pk, rest_of=upload.pk, rows=Preview(rest).count())
    return rest


def rest_of(upload: RosterImport) -> RosterImport | None:
    return upload.rests.exclude(state__in=_ENDED).without_file().first()


def has_rest(upload: RosterImport) -> bool:
    is_partial = upload.state == ImportState.IMPORTED and upload.parts.exists()
    return is_partial and Preview(upload).count(Outcome.REJECTED) > 0


def _rejected(upload: RosterImport) -> tuple[list[RosterRow], Mapping[int, RowResult]]:
    """The rows, in the sheet's order, and what was found in each by its number."""
    rows, results = list[RosterRow](), dict[int, RowResult]()
    for part in parts_of(upload):
        rejected = {one.row: one for one in part.results if one.outcome == Outcome.REJECTED}
        rows += [row for row in part.rows if row.number in rejected]
        results |= rejected
    return rows, results
