"""Results from elsewhere, by roster: who completed which course of which platform, on which day.

People are read and matched as in every roster. What is stated of the course stands in columns that
only these lists have.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.dates import format_date, parse_date
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError
from common.spreadsheets import Formula
from common.vietnamese import tidy
from courses.models import CourseRun
from enrollment.services.completion_days import EARLIEST
from enrollment.services.outside import (
    LONGEST_PROOF,
    MOST_HOURS,
    OutsideResult,
    outside_key,
    record_outside_results,
)
from enrollment.services.results import Backfill
from people.models import Trainee
from rosters.errors import RosterError
from rosters.importing.backfill import kind_stated, matched_people
from rosters.importing.layouts.headings import heading_key
from rosters.importing.layouts.layout import Layout
from rosters.importing.planner import Planner
from rosters.importing.report import ImportReport
from rosters.importing.row_plan import RowPlan
from rosters.importing.rows import Problem, Roster, RosterRow
from rosters.importing.rows.cell_texts import as_written
from rosters.importing.rows.person_rows import person_rows
from rosters.importing.senders import office

# Headings separated by commas, compared by ``heading_key``.
_HEADINGS: Final = {
    "platform": (
        "Nền tảng, Nền tảng học tập, Nền tảng học trực tuyến, Hệ thống, Nơi học, Đơn vị tổ chức, "
        "Đơn vị đào tạo, Cơ sở đào tạo, Tổ chức cấp, Platform, Provider, Organiser, Organizer"
    ),
    "title": (
        "Khóa học, Tên khóa học, Khóa, Tên khóa, Khóa bồi dưỡng, Tên khóa bồi dưỡng, Course, "
        "Course name, Course title"
    ),
    "day": (
        "Ngày hoàn thành, Hoàn thành ngày, Ngày cấp chứng chỉ, Ngày cấp chứng nhận, Ngày cấp, "
        "Completed on, Completion date, Date of completion, Date completed"
    ),
    "hours": "Số giờ, Số giờ học, Thời lượng, Giờ, Hours, Number of hours, Duration",
    "proof": (
        "Minh chứng, Số chứng chỉ, Số chứng nhận, Chứng chỉ, Chứng nhận, Giấy chứng nhận, Link "
        "chứng chỉ, Đường dẫn chứng chỉ, Link, Proof, Evidence, Certificate, Certificate number, "
        "Certificate link, URL"
    ),
}
_FIELD_OF: Final = {
    heading_key(heading): name for name, row in _HEADINGS.items() for heading in row.split(",")
}
_HOURS: Final = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?)\s*(?:giờ|tiếng|h|hours?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Course:
    """What a row states of the course that its person completed."""

    run: CourseRun
    day: dt.date
    proof: str
    hours: Decimal | None


@audited("outside_results_imported")
def import_outside_results(
    *, by: Actor, roster: Roster, agency: Agency
) -> tuple[ImportReport, Backfill]:
    """Record what everybody on the list completed elsewhere; nobody is enrolled or notified.

    Importing the same list again changes nothing. Raises RosterError ``no_outside_course``,
    ``column_missing``, and ``RosterRejectedError``, with nothing written, when a row is rejected.
    """
    runs = {run.outside_key: run for run in CourseRun.objects.outside().select_related("course")}
    if not runs:
        text = gettext("No course of a platform has been matched to a course of the programme yet.")
        raise RosterError("no_outside_course", text)
    rows, courses = _read(roster, runs)
    some_run, *_others = runs.values()
    planner = Planner(roster.layout.heading, some_run, office(agency), list(runs.values()))
    report, plans = matched_people(by, planner, rows)
    outcome = record_outside_results(by=by, sending_agency=agency, results=_results(plans, courses))
    report.written = True
    audit_details(agency=agency.slug, rows=len(rows), recorded=outcome.recorded)
    return report, outcome


def _results(plans: list[RowPlan], courses: Mapping[int, _Course]) -> list[OutsideResult]:
    by_row = {plan.row.number: plan for plan in plans}

    def person_of(plan: RowPlan) -> int:
        while plan.person_id is None and plan.first_row is not None:
            plan = by_row[plan.first_row]
        assert plan.person_id is not None
        return plan.person_id

    people = {plan.row.number: person_of(plan) for plan in plans}
    trainees = Trainee.objects.in_bulk(set(people.values()))
    return [
        OutsideResult(
            trainee=trainees[people[number]],
            run=courses[number].run,
            completed_on=courses[number].day,
            proof=courses[number].proof,
            hours=courses[number].hours,
            trainee_kind=kind_stated(plan),
        )
        for number, plan in by_row.items()
    ]


# Reading the list -------------------------------------------------------------------------


class _CellError(Exception):
    """A cell that cannot be read: its column, a code and the reason."""

    def __init__(self, name: str, code: str, reason: DeferredMessage) -> None:
        self.name, self.code, self.reason = name, code, reason


def _read(
    roster: Roster, runs: Mapping[str, CourseRun]
) -> tuple[list[RosterRow], dict[int, _Course]]:
    """The rows, rejected where their course cannot be read, and the courses by row."""
    columns = _columns(roster.layout)
    cells = {row.number: row.values for row in person_rows(roster.layout)}
    rows, courses = list[RosterRow](), dict[int, _Course]()
    for row in roster.rows:
        values = cells.get(row.number, ())
        stated = {name: values[at] for name, at in columns.items() if at < len(values)}
        problems = row.problems
        try:
            courses[row.number] = _course(stated, runs)
        except _CellError as refused:
            heading = roster.layout.headings[columns[refused.name]]
            found = Problem(row.number, heading, refused.code, refused.reason, "error")
            problems = (*problems, found)
        rows.append(replace(row, problems=problems))
    return rows, courses


def _columns(layout: Layout) -> dict[str, int]:
    used, found = set(layout.columns.values()), dict[str, int]()
    for at, heading in sorted(layout.headings.items()):
        name = _FIELD_OF.get(heading_key(heading))
        if name and at not in used:
            found.setdefault(name, at)
    labels = {
        "platform": gettext("Platform"),
        "title": gettext("Course"),
        "day": gettext("Completed on"),
        "proof": gettext("Proof"),
    }
    if missing := [label for name, label in labels.items() if name not in found]:
        text = gettext("The list lacks these columns: %(columns)s.")
        raise RosterError("column_missing", text % {"columns": ", ".join(missing)})
    return found


def _course(stated: Mapping[str, Any], runs: Mapping[str, CourseRun]) -> _Course:
    texts = {name: tidy(as_written(value)) for name, value in stated.items()}
    platform, title = texts.get("platform", ""), texts.get("title", "")
    for name, text in (("platform", platform), ("title", title)):
        if not text:
            raise _CellError(name, "course_missing", _("Enter the platform and its course."))
    run = runs.get(outside_key(platform, title))
    if run is None:
        reason = _(
            "“%(title)s” at “%(platform)s” is not matched to a course of the programme; the "
            "programme office matches it under “Courses held elsewhere”, then send the list again."
        )
        raise _CellError(
            "title", "not_matched", reason % {"title": title[:80], "platform": platform[:80]}
        )
    return _Course(run, _day(stated.get("day")), _proof(texts), _hours(texts.get("hours", "")))


def _day(value: Any) -> dt.date:
    try:
        day = parse_date(value.value if isinstance(value, Formula) else value)
    except DomainError as error:
        raise _CellError("day", error.code, error.sentence) from error
    if not EARLIEST <= day <= clock.today():
        reason = _("A result is of a day from %(first)s to today.")
        raise _CellError("day", "impossible_day", reason % {"first": format_date(EARLIEST)})
    return day


def _proof(texts: Mapping[str, str]) -> str:
    proof = texts.get("proof", "")
    if not 3 <= len(proof) <= LONGEST_PROOF:
        reason = _("Enter the number or the address of the certificate, at most 250 characters.")
        raise _CellError("proof", "proof_missing", reason)
    return proof


def _hours(text: str) -> Decimal | None:
    """``12``, ``1,5`` or ``12 giờ``; nothing for an empty cell."""
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    hours = Decimal(found[1].replace(",", ".")) if found else Decimal(0)
    if not 0 < hours <= MOST_HOURS:
        reason = _("This is not a number of hours; write for example 12 or 1.5.")
        raise _CellError("hours", "hours_unreadable", reason)
    return hours.quantize(Decimal("0.1"))
