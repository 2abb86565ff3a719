"""Taking a roster in: read, plan, write all of it or nothing."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import orjson

from agencies.models import Agency
from audit.services import Actor, audit_details, audited, digest
from common.bulk import gc_disabled, large_sqlite_cache
from common.deferred_messages import DeferredMessage as _
from common.savepoints import single_transaction
from courses.models import CourseRun
from enrollment.models import NominationLetter
from enrollment.services.details import DETAIL_FIELDS, save_details
from enrollment.services.seats import Nominee, hold, nominate
from people.models import Trainee
from people.services import ask_for_transfers, enter_people, list_candidates, save_amended
from rosters.choices import Outcome
from rosters.errors import RosterError
from rosters.fields import FIELD
from rosters.importing.planner import Planner, RowPlan, batched
from rosters.importing.report import ImportReport, RowResult
from rosters.importing.rows import Roster, RosterRow, read_roster
from rosters.importing.senders import Sender

# Told how many rows are done, of how many.
Advance = Callable[[int, int], object]


def nothing_to_tell(done: int, total: int) -> None:
    """Nobody watches."""


class RosterRejectedError(RosterError):
    """Rows were rejected and nothing was written; ``report`` names them all."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            "rows_rejected",
            _("%(count)s rows were rejected; nothing was written.") % {"count": report.rejected},
        )
        self.report = report


@gc_disabled()
def read(
    source: bytes | Path,
    file_name: str,
    run: CourseRun,
    sheet: str = "",
    told: Mapping[str, str] | None = None,
) -> Roster:
    """The rows of a file, checked one by one by the course's rules."""
    years = run.course.bare_birth_years
    return read_roster(source, file_name, bare_birth_years=years, sheet=sheet, told=told)


@gc_disabled()
def check_roster(
    *,
    roster: Roster,
    run: CourseRun,
    agency: Agency,
    sender: Sender | None = None,
    advance: Advance = nothing_to_tell,
) -> ImportReport:
    """What importing would do: the same plan, nothing written."""
    planner = Planner(roster.layout.heading, run, agency, sender)
    results: list[RowResult] = []
    for part in batched(roster.rows):
        results += [row.result for row in planner.plan(part)]
        advance(len(results), len(roster.rows))
    return ImportReport(results)


@large_sqlite_cache()
@gc_disabled()
@audited("roster_imported")
def import_roster(
    *,
    by: Actor,
    roster: Roster,
    run: CourseRun,
    agency: Agency,
    partial: bool = False,
    sender: Sender | None = None,
    advance: Advance = nothing_to_tell,
) -> ImportReport:
    """Enter, match and nominate everybody on the roster, part by part in one transaction.

    Raises ``RosterRejectedError``, with nothing written, when a row is rejected and
    ``partial`` was not asked for. Importing the same file twice changes nothing.
    """
    return import_parts(
        by=by,
        parts=batched(roster.rows),
        heading=roster.layout.heading,
        run=run,
        agency=agency,
        partial=partial,
        sender=sender,
        done=lambda plans, so_far: advance(so_far, len(roster.rows)),
    )


@single_transaction()
def import_parts(
    *,
    by: Actor,
    parts: Iterable[Sequence[RosterRow]],
    heading: Callable[[str], str],
    run: CourseRun,
    agency: Agency,
    partial: bool,
    done: Callable[[Sequence[RowPlan], int], object],
    sender: Sender | None = None,
    letter: NominationLetter | None = None,
    rows_kept: bool = True,
) -> ImportReport:
    """The work of ``import_roster``; ``done`` is given the plans carried out, and their number.

    ``letter`` is the one that the roster came with; ``rows_kept`` says whether the report names
    every row. To be called within a audited.
    """
    run = hold(run)
    planner = Planner(heading, run, agency, sender)
    report = ImportReport([], rows_kept=rows_kept)
    digest_of_rows, writing = hashlib.sha256(), True
    with planner.sender.comparing():
        for part in parts:
            plans = planner.plan(part)
            report.add([row.result for row in plans])
            # Behind the first rejected row only the report matters: all will be taken back.
            writing = writing and (partial or all(not row.result.errors for row in plans))
            if writing:
                write_people(by, agency, plans, planner)
                report.updated += sum(row.update is not None for row in plans)
                _nominate(by, run, agency, plans, report, letter)
                report.transfers += ask_for_people(by, agency, plans)
            planner.entered()
            digest_of_rows.update(_said(plans))
            done(plans, report.counts.total())
    if report.rejected and not partial:
        raise RosterRejectedError(report)
    planner.sender.record(by)
    planner.sender.settle()
    report.written = True
    counts = {outcome.value: report.count(outcome) for outcome in Outcome}
    # A keyed digest of what the rows said: it proves the file, and tells nothing.
    audit_details(
        run=run.code,
        agency=agency.slug,
        rows_digest=digest(digest_of_rows.hexdigest()),
        updated=report.updated,
        transfers_asked=report.transfers,
        **counts,
    )
    return report


def write_people(by: Actor, agency: Agency, plans: Sequence[RowPlan], planner: Planner) -> None:
    """Enter who is new, write what is new of the others, list who should be compared.

    What is new of somebody who has a place in the run stands on the place, too.
    """
    new = [row for row in plans if row.is_new_person]
    if new:
        people, digests = [row.row.values for row in new], [row.digest for row in new]
        entered = enter_people(by=by, agency=agency, people=people, digests=digests)
        for row, trainee in zip(new, entered, strict=True):
            row.trainee, row.person_id = trainee, trainee.id
    amended = [(row.trainee, row.changed) for row in plans if row.trainee and row.changed]
    if amended:
        save_amended(by=by, amended=amended)
    if updates := [row.update for row in plans if row.update]:
        save_details(by=by, run=planner.run, updates=updates)
    pairs = [(row.person_id, other) for row in new for other in planner.alike(row) if row.person_id]
    if pairs:
        list_candidates(by=by, pairs=pairs)


def ask_for_people(by: Actor, agency: Agency, plans: Sequence[RowPlan]) -> int:
    """Ask for the transfer of other agencies' people on the roster; for how many it was."""
    asking = {row.person_id: row for row in plans if row.asks and row.person_id}
    names = {person: row.row.values.full_name for person, row in asking.items()}
    requests = ask_for_transfers(by=by, agency=agency, names=names) if names else {}
    for person, request in requests.items():
        asking[person].request_id = request
    return len(requests)


def _nominate(
    by: Actor,
    run: CourseRun,
    agency: Agency,
    plans: Sequence[RowPlan],
    report: ImportReport,
    letter: NominationLetter | None,
) -> None:
    nominees = [
        Nominee(trainee_id=row.person_id, **_details(row, row.trainee))
        for row in plans
        if row.enters_run and row.person_id and row.trainee
    ]
    if nominees:
        outcome = nominate(
            by=by, run=run, sending_agency=agency, nominees=nominees, letter=letter, warn=False
        )
        report.enrolled += outcome.enrolled
        report.waitlisted += outcome.waitlisted
        report.pending += outcome.pending


def _details(plan: RowPlan, person: Trainee) -> dict[str, str]:
    """What the enrollment says from the start.

    The person's position and unit as they are now, whatever the row says: an old list may name
    former ones. Of another agency's person the sender's own words, since it sees no others.
    """
    texts = plan.row.values.texts
    return {
        name: getattr(person, name)
        if FIELD[name].falls_back_to_person and not plan.is_foreign
        else texts.get(name, "")
        for name in DETAIL_FIELDS
    }


def _said(plans: Sequence[RowPlan]) -> bytes:
    return orjson.dumps([(row.row.number, row.row.values) for row in plans])
