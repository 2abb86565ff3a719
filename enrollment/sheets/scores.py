"""Score sheets: names out, scores out of ten back in."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common.spreadsheets import Column, Row, rows_on_a_page, write_xlsx
from common.vietnamese import search_key, tidy
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.sheets import SeatedPeople, find_heading_row

_SCORE_HEADINGS = ("diem", "score", "diem so", "diem kiem tra")
_MAX_SCORE = 10


def write_scores(run: CourseRun) -> Iterator[bytes]:
    columns = (
        Column("code", _("Trainee code"), width=16),
        Column("name", _("Full name"), width=32),
        Column("agency", _("Sending agency"), width=40),
        Column("score", _("Score"), kind="number", width=10),
    )
    seated = run.enrollments.holding_a_seat().select_related("trainee", "sending_agency")
    rows = (
        (
            enrollment.trainee.code,
            enrollment.trainee.full_name,
            enrollment.sending_agency.name,
            None if enrollment.score is None else float(enrollment.score),
        )
        for enrollment in seated.in_roster_order()
    )
    return write_xlsx(columns, rows, sheet_name=_("Score"))


def read_scores(source: bytes | Path, run: CourseRun) -> tuple[dict[int, Decimal], list[str]]:
    """Scores by enrollment id, and a message with row and column for each bad cell.

    Blank cells are skipped. Raises EnrollmentError where there is no score column.
    """
    rows = list(rows_on_a_page(source))
    heading = find_heading_row(rows)
    columns = {
        search_key(tidy(str(value or ""))): column for column, value in enumerate(heading.values)
    }
    column = next((columns[name] for name in _SCORE_HEADINGS if name in columns), None)
    if column is None:
        raise EnrollmentError(
            "no_known_columns", _("No heading “Điểm” was found: use it for the score column.")
        )
    people, scores, problems = SeatedPeople(run, columns), dict[int, Decimal](), list[str]()
    for row in rows:
        # Rows above the heading are titles.
        if row.number <= heading.number:
            continue
        try:
            _read_row(row, column, people, scores)
        except EnrollmentError as error:
            problems.append(error.message)
    return scores, problems


def _read_row(row: Row, column: int, people: SeatedPeople, scores: dict[int, Decimal]) -> None:
    enrollment, value = people.find(row), row.values[column] if column < len(row.values) else None
    if enrollment is None or value is None or not str(value).strip():
        return
    if enrollment.pk in scores:
        raise EnrollmentError(
            "twice",
            _("Row %(row)s: %(name)s appears in the sheet twice.")
            % {"row": row.number, "name": enrollment.trainee.full_name},
        )
    scores[enrollment.pk] = _score(row, column, value)


def _score(row: Row, column: int, value: Any) -> Decimal:
    """Accepts ``8,5`` and ``8.5``."""
    try:
        score = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        score = Decimal("NaN")
    if not score.is_finite() or not 0 <= score <= _MAX_SCORE or score != round(score, 2):
        raise EnrollmentError(
            "score_of_ten",
            _(
                "Row %(row)s, column %(column)s: “%(value)s” is not a score from 0 to 10 "
                "with at most two decimal places."
            )
            % {"row": row.number, "column": chr(ord("A") + column % 26), "value": str(value)[:20]},
        )
    return round(score, 2)
