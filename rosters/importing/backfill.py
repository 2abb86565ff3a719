"""Past results on paper, from a roster: people are matched or entered, and completions recorded."""

import datetime as dt
from collections.abc import Sequence

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.services.completion import last_day
from enrollment.services.results import Backfill, PaperResult, backfill, record_scan
from people.models import Trainee
from rosters.importing.importer import RosterRejectedError, write_people
from rosters.importing.planner import Planner
from rosters.importing.report import ImportReport
from rosters.importing.row_plan import RowPlan, batched
from rosters.importing.rows import Roster, RosterRow
from rosters.importing.senders import office


@audited("roster_backfilled")
def backfill_roster(
    *,
    by: Actor,
    roster: Roster,
    run: CourseRun,
    agency: Agency,
    scan: bytes,
    scan_name: str,
    completed_on: dt.date | None = None,
    reason: str = "",
) -> tuple[ImportReport, Backfill]:
    """Record that everybody on the roster completed the run on paper, as the scan proves.

    ``completed_on`` is by default the run's last day; ``reason`` says why it is another than the
    class's. Nobody is enrolled or notified. Importing the
    same roster again changes nothing. Raises ``RosterRejectedError``, with nothing written, when a
    row is rejected.
    """
    run = lock_run(run)
    planner = Planner(roster.layout.heading, run, office(agency))
    report, plans = matched_people(by, planner, roster.rows)
    people: dict[int, str] = {}
    for plan in plans:
        if plan.person_id and not people.get(plan.person_id):
            people[plan.person_id] = kind_stated(plan)
    day = completed_on or last_day(run)
    trainees = Trainee.objects.in_bulk(people)
    outcome = backfill(
        by=by,
        run=run,
        sending_agency=agency,
        results=[PaperResult(trainees[pk], day, trainee_kind=kind) for pk, kind in people.items()],
        paper=record_scan(by=by, run=run, content=scan, name=scan_name),
        reason=reason,
    )
    report.written = True
    audit_details(
        run=run.code, agency=agency.slug, rows=len(report.results), recorded=outcome.recorded
    )
    return report, outcome


def matched_people(
    by: Actor, planner: Planner, rows: Sequence[RosterRow]
) -> tuple[ImportReport, list[RowPlan]]:
    """Enter or match whoever a list of results names; nothing is recorded where a row is rejected.

    Raises ``RosterRejectedError``.
    """
    report, plans = ImportReport([]), list[RowPlan]()

    def write(part: Sequence[RowPlan]) -> None:
        # Behind the first rejected row only the report matters.
        if not (report.rejected or any(plan.is_rejected for plan in part)):
            write_people(by, planner.run, planner.agency, part)

    for part in batched(rows):
        planned = planner.plan(part, write)
        report.add([plan.result for plan in planned])
        plans += planned
    if report.rejected:
        raise RosterRejectedError(report)
    return report, plans


def kind_stated(plan: RowPlan) -> str:
    """Official or expert, as the row says."""
    return plan.row.values.texts.get("trainee_kind", "")
