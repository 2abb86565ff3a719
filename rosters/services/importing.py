"""Taking a roster in: read, plan, write all of it or nothing."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, deed, digest, note
from courses.models import CourseRun
from enrollment.services.seats import Nominee, hold, nominate
from people.services import enter_people, list_candidates, save_amended
from rosters.choices import Outcome
from rosters.errors import RosterError
from rosters.services.planning import RowPlan, person_data, plan
from rosters.services.report import ImportReport
from rosters.sheets import Roster, read_roster


class RosterRejectedError(RosterError):
    """Rows were rejected and nothing was written; ``report`` names them all."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            "rows_rejected",
            _("%(count)s rows were rejected; nothing was written.") % {"count": report.rejected},
        )
        self.report = report


def read(source: bytes | Path, file_name: str, run: CourseRun) -> Roster:
    """The rows of a file, checked one by one by the course's rules."""
    return read_roster(source, file_name, bare_birth_years=run.course.bare_birth_years)


def check_roster(*, roster: Roster, run: CourseRun, agency: Agency) -> ImportReport:
    """What importing would do: the same plan, nothing written."""
    return ImportReport([row.result for row in plan(roster=roster, run=run, agency=agency)])


@deed("roster_imported")
def import_roster(
    *, by: Actor, roster: Roster, run: CourseRun, agency: Agency, partial: bool = False
) -> ImportReport:
    """Enter, match and nominate everybody on the roster.

    Raises ``RosterRejectedError``, with nothing written, when a row is rejected and
    ``partial`` was not asked for. Importing the same file twice changes nothing.
    """
    run = hold(run)
    plans = plan(roster=roster, run=run, agency=agency)
    report = ImportReport([row.result for row in plans])
    if report.rejected and not partial:
        raise RosterRejectedError(report)
    _write_people(by, agency, plans)
    _nominate(by, run, agency, plans, report)
    report.written = True
    counts = {outcome.value: report.count(outcome) for outcome in Outcome}
    note(run=run.code, agency=agency.slug, rows_digest=_rows_digest(plans), **counts)
    return report


def _write_people(by: Actor, agency: Agency, plans: Sequence[RowPlan]) -> None:
    new = [row for row in plans if row.is_new_person]
    if new:
        entered = enter_people(by=by, agency=agency, people=[person_data(row.row) for row in new])
        for row, trainee in zip(new, entered, strict=True):
            row.trainee, row.person_id = trainee, trainee.pk
    amended = [(row.trainee, row.changed) for row in plans if row.trainee and row.changed]
    if amended:
        save_amended(by=by, amended=amended)
    pairs = [
        (row.person_id, other)
        for row in new
        if row.person_id
        for other in (*row.resembles, *(p.person_id for p in row.resembles_plans if p.person_id))
    ]
    if pairs:
        list_candidates(by=by, pairs=pairs)


def _nominate(
    by: Actor, run: CourseRun, agency: Agency, plans: Sequence[RowPlan], report: ImportReport
) -> None:
    nominees = [
        Nominee(
            trainee_id=row.person_id,
            unit=row.row.values.unit or "",
            position=row.row.values.position or "",
            note=(row.row.values.note or "")[:250],
        )
        for row in plans
        if row.enters_run and row.person_id
    ]
    if nominees:
        outcome = nominate(by=by, run=run, sending_agency=agency, nominees=nominees)
        report.enrolled, report.waitlisted = outcome.enrolled, outcome.waitlisted
        report.pending = outcome.pending


def _rows_digest(plans: Sequence[RowPlan]) -> str:
    """A keyed digest of what the rows said: it proves the file, and tells nothing."""
    rows = [[row.row.number, str(row.row.values)] for row in plans]
    return digest(hashlib.sha256(json.dumps(rows).encode()).hexdigest())
