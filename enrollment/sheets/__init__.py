"""Attendance sheets: a row per person, a column per session, a mark in each cell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from common.spreadsheets import Row, rows_on_a_page
from common.vietnamese import match_key, search_key, tidy
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.models import Enrollment

# Marks as trainers write them on paper, folded to lower case without accents.
_MARKS = {
    **dict.fromkeys(("x", "v", "p", "1", "co", "co mat", "present", "+"), Mark.PRESENT),
    **dict.fromkeys(("m", "muon", "di muon", "late", "t", "tre"), Mark.LATE),
    **dict.fromkeys(("cp", "phep", "co phep", "vang co phep", "excused"), Mark.EXCUSED),
    **dict.fromkeys(("", "k", "kp", "0", "-", "vang", "khong phep", "absent"), Mark.ABSENT),
}
# Buổi 1, Session 1, S1 or just 1.
_SESSION = re.compile(r"(?:buoi|session|s)?\s*(\d{1,3})")
_CODE_HEADINGS = {"ma hoc vien", "trainee code"}
_NAME_HEADINGS = {"ho va ten", "ho ten", "full name", "name"}


@dataclass(frozen=True, slots=True)
class SessionMark:
    enrollment_id: int
    session_id: int
    mark: str


def read_attendance(source: bytes | Path, run: CourseRun) -> list[SessionMark]:
    """The marks of a run's attendance sheet; the first problem raises EnrollmentError with its row.

    People are found by trainee code, or by a name that only one of them has.
    """
    rows = list(rows_on_a_page(source))
    heading = find_heading_row(rows)
    columns = {
        search_key(tidy(str(value or ""))): column for column, value in enumerate(heading.values)
    }
    sessions = _session_columns(columns, run)
    people = SeatedPeople(run, columns)
    marks = []
    for row in rows:
        if row.number <= heading.number or not (enrollment := people.find(row)):
            continue
        marks += [
            SessionMark(enrollment.pk, session_id, _mark(row, column))
            for column, session_id in sessions.items()
        ]
    return marks


def find_heading_row(rows: Iterable[Row]) -> Row:
    for row in rows:
        keys = {search_key(tidy(str(value or ""))) for value in row.values}
        if keys & (_CODE_HEADINGS | _NAME_HEADINGS):
            return row
    text = _("No heading “Mã học viên” or “Họ và tên” was found: add a heading row to the sheet.")
    raise EnrollmentError("no_known_columns", text)


def _session_columns(columns: dict[str, int], run: CourseRun) -> dict[int, int]:
    """Map columns to the id of the session whose number heads them."""
    by_number = dict(run.sessions.values_list("number", "id"))
    found = {}
    for heading, column in columns.items():
        number = _SESSION.fullmatch(heading)
        if number and int(number[1]) in by_number:
            found[column] = by_number[int(number[1])]
    if not found:
        text = _("No session column was found: use the headings 1, 2, … or Buổi 1, Buổi 2, …")
        raise EnrollmentError("no_sessions", text)
    return found


def _mark(row: Row, column: int) -> Mark:
    value = row.values[column] if column < len(row.values) else None
    key = search_key(tidy(str(value if value is not None else "")))
    if key not in _MARKS:
        raise EnrollmentInputError(
            "unknown_mark",
            _(
                "Row %(row)s: “%(mark)s” is not a valid mark: use x (present), m (late), "
                "cp (excused) or leave the cell empty (absent)."
            )
            % {"row": row.number, "mark": str(value)[:20]},
        )
    return _MARKS[key]


class SeatedPeople:
    def __init__(self, run: CourseRun, columns: dict[str, int]) -> None:
        self.code_at = next((columns[h] for h in _CODE_HEADINGS if h in columns), None)
        self.name_at = next((columns[h] for h in _NAME_HEADINGS if h in columns), None)
        self.by_code: dict[str, Enrollment] = {}
        self.by_name: dict[str, list[Enrollment]] = {}
        for enrollment in run.enrollments.holding_a_seat().select_related("trainee"):
            self.by_code[enrollment.trainee.code] = enrollment
            self.by_name.setdefault(enrollment.trainee.match_key, []).append(enrollment)

    def find(self, row: Row) -> Enrollment | None:
        """The enrollment of a row; None for a row without a person (blank lines, totals)."""
        code, name = self._text(row, self.code_at), self._text(row, self.name_at)
        if code in self.by_code:
            return self.by_code[code]
        if not code and not name:
            return None
        namesakes = self.by_name.get(match_key(name), []) if name and not code else []
        if len(namesakes) == 1:
            return namesakes[0]
        raise EnrollmentError(
            "not_found", self._not_found_message(row, code or name, len(namesakes))
        )

    def _text(self, row: Row, column: int | None) -> str:
        value = row.values[column] if column is not None and column < len(row.values) else None
        return tidy(str(value)) if value is not None else ""

    def _not_found_message(self, row: Row, who: str, namesakes: int) -> str:
        values = {"row": row.number, "who": who[:60]}
        if namesakes:
            text = _("Row %(row)s: several people are named %(who)s; add their trainee codes.")
        else:
            text = _("Row %(row)s: %(who)s does not have a seat in this class.")
        return text % values
