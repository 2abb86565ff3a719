"""Score sheets: names out, scores of ten back in."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common.spreadsheets import Column, Row, rows_on_a_page, write_xlsx
from common.vietnamese import search_key, tidy
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.sheets import People, head_of

_HEADINGS = ("diem", "score", "diem so", "diem kiem tra")
_MOST = 10


def write_scores(run: CourseRun) -> Iterator[bytes]:
    """A workbook with everybody who holds a seat, in roster order, and their score so far."""
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
    """Scores by enrollment id, and a sentence with row and column for each cell to mend.

    A blank cell says nothing. Error: no sheet of scores at all.
    """
    rows = list(rows_on_a_page(source))
    head = head_of(rows)
    columns = {search_key(tidy(str(value or ""))): at for at, value in enumerate(head.values)}
    at = next((columns[name] for name in _HEADINGS if name in columns), None)
    if at is None:
        raise EnrollmentError(
            "no_known_columns", _("No heading “Điểm” was found: head the column of scores with it.")
        )
    people, scores, problems = People(run, columns), dict[int, Decimal](), list[str]()
    for row in rows:
        if row.number <= head.number:
            continue
        try:
            _take(row, at, people, scores)
        except EnrollmentError as error:
            problems.append(error.message)
    return scores, problems


def _take(row: Row, at: int, people: People, scores: dict[int, Decimal]) -> None:
    enrollment, value = people.find(row), row.values[at] if at < len(row.values) else None
    if enrollment is None or value is None or not str(value).strip():
        return
    if enrollment.pk in scores:
        raise EnrollmentError(
            "twice",
            _("Row %(row)s: %(name)s stands in the sheet twice.")
            % {"row": row.number, "name": enrollment.trainee.full_name},
        )
    scores[enrollment.pk] = _score(row, at, value)


def _score(row: Row, at: int, value: Any) -> Decimal:
    """``8,5`` and ``8.5`` alike, two decimals at most."""
    try:
        score = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        score = Decimal("NaN")
    if not score.is_finite() or not 0 <= score <= _MOST or score != round(score, 2):
        raise EnrollmentError(
            "score_of_ten",
            _(
                "Row %(row)s, column %(column)s: “%(value)s” is no score from 0 to 10 "
                "with at most two decimals."
            )
            % {"row": row.number, "column": chr(ord("A") + at % 26), "value": str(value)[:20]},
        )
    return round(score, 2)
