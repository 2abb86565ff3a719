"""Imports a roster part by part: rows are planned and written, all of them or none."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from agencies.models import Agency
from audit.services import Actor, audit_details, audited, digest
from common.bulk import in_list, large_sqlite_cache
from common.deferred_messages import DeferredMessage as _
from common.garbage_collection import gc_disabled
from common.savepoints import single_transaction
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.models import NominationLetter
from enrollment.services.details import DETAIL_FIELDS, save_details
from enrollment.services.enrollments import Nominee, nominate, withdraw_several
from people.models import Trainee
from people.services.bulk import enter_people, save_amended
from people.services.merges import list_candidates
from people.services.transfer_requests import ask_for_transfers
from rosters.choices import Outcome
from rosters.errors import RosterError
from rosters.fields import FIELD
from rosters.importing.missing import WithdrawalReason, keep_everybody
from rosters.importing.planner import Planner
from rosters.importing.report import ImportReport, RowResult
from rosters.importing.row_plan import RowPlan, batched
from rosters.importing.rows import Roster, RosterRow, read_roster
from rosters.importing.senders import Sender

# Called with how many rows are done, and of how many.
Advance = Callable[[int, int], object]
# Called with the plans of each part, and how many rows there have been.
Done = Callable[[Sequence[RowPlan], int], object]


def ignore_progress(*_done: object) -> None:
    """For callers that nobody watches."""


class RosterRejectedError(RosterError):
    """Rows were rejected and nothing was written; ``report`` has them all."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            "rows_rejected",
            _("Rows rejected: %(count)s; nothing was saved.") % {"count": report.rejected},
        )
        self.report = report


@gc_disabled()
def read(
    source: bytes | Path,
    file_name: str,
    run: CourseRun,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
) -> Roster:
    years = run.course.bare_birth_years
    return read_roster(source, file_name, bare_birth_years=years, sheet=sheet, mapping=mapping)


@gc_disabled()
def check_roster(*, roster: Roster, run: CourseRun, sender: Sender) -> ImportReport:
    planner = Planner(roster.layout.heading, run, sender)
    results: list[RowResult] = []
    for rows in batched(roster.rows):
        plans = planner.plan(rows)
        results += [plan.result for plan in plans]
    return ImportReport(results, missing=planner.missing())


@large_sqlite_cache()
@gc_disabled()
@audited("roster_imported")
def import_roster(
    *,
    by: Actor,
    roster: Roster,
    run: CourseRun,
    sender: Sender,
    partial: bool = False,
    withdrawal: WithdrawalReason = keep_everybody,
) -> ImportReport:
    """Enter, match and nominate everybody on the roster, in one transaction.

    ``withdrawal`` decides on those whom the agency nominated before and who are not on it.

    Raises ``RosterRejectedError``, with nothing written, when a row is rejected and
    ``partial`` was not asked for. Importing the same file twice changes nothing.
    """
    return import_parts(
        by=by,
        parts=batched(roster.rows),
        heading=roster.layout.heading,
        run=run,
        sender=sender,
        partial=partial,
        withdrawal=withdrawal,
    )


@single_transaction()
def import_parts(
    *,
    by: Actor,
    parts: Iterable[Sequence[RosterRow]],
    heading: Callable[[str], str],
    run: CourseRun,
    sender: Sender,
    partial: bool,
    done: Done = ignore_progress,
    letter: NominationLetter | None = None,
    withdrawal: WithdrawalReason | None = None,
    keeps_rows: bool = True,
) -> ImportReport:
    """The work of ``import_roster``, within an audited action.

    ``letter`` is the nomination letter that the roster came with. The report lists every row only
    if ``keeps_rows``: a long roster's rows are stored elsewhere. Without ``withdrawal`` nobody is
    looked for who is missing from it.
    """
    run = lock_run(run)
    planner = Planner(heading, run, sender)
    report, rows_digest = ImportReport([], keeps_rows=keeps_rows), hashlib.sha256()
    writer = _Writer(by, run, sender.agency, letter, report, partial)
    with sender.comparing(by):
        for rows in parts:
            plans = planner.plan(rows, writer.write)
            report.add([plan.result for plan in plans])
            rows_digest.update(orjson.dumps([(one.row.number, one.row.values) for one in plans]))
            done(plans, report.counts.total())
        if withdrawal:
            report.missing = planner.missing()
        if report.rejected and not partial:
            raise RosterRejectedError(report)
    if withdrawal:
        writer.withdraw(report.missing.withdrawing(withdrawal))
    report.written = True
    counts = {outcome.value: report.count(outcome) for outcome in Outcome}
    # A keyed digest of the rows: it proves which file was imported, and reveals nothing of it.
    audit_details(
        run=run.code,
        agency=sender.agency.slug,
        rows_digest=digest(rows_digest.hexdigest()),
        updated=report.updated,
        transfers_asked=report.transfers,
        withdrawn=len(report.missing.withdrawn),
        missing=len(report.missing.kept) + len(report.missing.uncertain),
        **counts,
    )
    return report


@dataclass(slots=True)
class _Writer:
    """Carries out the plans of an import and adds up what that came to in its report."""

    by: Actor
    run: CourseRun
    agency: Agency
    letter: NominationLetter | None
    report: ImportReport
    partial: bool
    is_in_vain: bool = False
    nominated: list[int] = field(default_factory=list)

    def write(self, plans: Sequence[RowPlan]) -> None:
        # Behind the first rejected row only the report matters: all will be rolled back.
        has_errors = any(plan.result.errors for plan in plans)
        self.is_in_vain = self.is_in_vain or (has_errors and not self.partial)
        if self.is_in_vain:
            return
        write_people(self.by, self.run, self.agency, plans)
        self.report.updated += sum(plan.update is not None for plan in plans)
        self._nominate(plans)
        self.report.transfers += _ask_for_transfers(self.by, self.agency, plans)

    def _nominate(self, plans: Sequence[RowPlan]) -> None:
        nominees = [
            Nominee(plan.person_id, _details(plan, plan.trainee))
            for plan in plans
            if plan.enters_run and plan.person_id and plan.trainee
        ]
        if nominees:
            outcome = nominate(
                by=self.by,
                run=self.run,
                sending_agency=self.agency,
                nominees=nominees,
                letter=self.letter,
                warn=False,
            )
            self.report.enrolled += outcome.enrolled
            self.report.waitlisted += outcome.waitlisted
            self.report.pending += outcome.pending
            self.nominated += [nominee.trainee_id for nominee in nominees]

    def withdraw(self, reasons: Mapping[int, str]) -> None:
        if not reasons:
            return
        withdraw_several(by=self.by, run=self.run, reasons=reasons)
        report = self.report
        report.missing = report.missing.after(reasons)
        # Their seats may have gone to people of this very roster.
        now = self.run.enrollments.waiting().filter(trainee__in=in_list(self.nominated))
        waiting = now.count()
        report.enrolled += report.waitlisted - waiting
        report.waitlisted = waiting


def write_people(by: Actor, run: CourseRun, agency: Agency, plans: Sequence[RowPlan]) -> None:
    new = [plan for plan in plans if plan.is_new_person]
    if new:
        people, digests = [plan.row.values for plan in new], [plan.digest for plan in new]
        entered = enter_people(by=by, agency=agency, people=people, digests=digests)
        for plan, trainee in zip(new, entered, strict=True):
            plan.trainee, plan.person_id = trainee, trainee.id
    amended = [(plan.trainee, plan.changed) for plan in plans if plan.trainee and plan.changed]
    if amended:
        save_amended(by=by, amended=amended)
    if updates := [plan.update for plan in plans if plan.update]:
        save_details(by=by, run=run, updates=updates)
    pairs = [
        (plan.trainee.id, other) for plan in new if plan.trainee for other in plan.candidate_ids()
    ]
    if pairs:
        list_candidates(by=by, pairs=pairs)


def _ask_for_transfers(by: Actor, agency: Agency, plans: Sequence[RowPlan]) -> int:
    asking = {plan.person_id: plan for plan in plans if plan.asks and plan.person_id}
    names = {person: plan.row.values.full_name for person, plan in asking.items()}
    requests = ask_for_transfers(by=by, agency=agency, names=names) if names else {}
    for person, request in requests.items():
        asking[person].request_id = request
    return len(requests)


def _details(plan: RowPlan, person: Trainee) -> dict[str, str]:
    """The details of a new enrollment.

    Position and unit are the person's own of today, whatever the row says: an old list may name
    former ones. For another agency's person they are the sender's words, since the sender sees no
    others.
    """
    texts = plan.row.values.texts
    return {
        key: getattr(person, key)
        if FIELD[key].falls_back_to_person and not plan.is_foreign
        else texts.get(key, "")
        for key in DETAIL_FIELDS
    }
