"""The rows of an upload as they were read, kept encrypted in parts of some hundred."""

import datetime as dt
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from common.encryption import box
from rosters.choices import Outcome
from rosters.models import RosterImport, StagedPart
from rosters.services.planning import PART
from rosters.services.report import Finding, RowResult
from rosters.sheets import Problem, RosterRow, RosterValues

_FIELDS = tuple(one.name for one in fields(RosterValues))
_values = attrgetter(*_FIELDS)
_BIRTH = _FIELDS.index("birth_date")


@dataclass(slots=True)
class Part:
    """Rows with what was found in them; ``results`` is empty until they have been planned."""

    stored: StagedPart
    rows: list[RosterRow]
    results: list[RowResult]

    def keep(self) -> None:
        """Write rows and results."""
        rows = [_row_out(row) for row in self.rows]
        results = [_result_out(result) for result in self.results]
        plain = json.dumps([rows, results], ensure_ascii=False, separators=(",", ":"))
        self.stored.content = box().encrypt(zlib.compress(plain.encode(), 1))
        self.stored.save()


def parts_of(upload: RosterImport) -> Iterator[Part]:
    """The parts in the sheet's order."""
    numbers = list(upload.parts.values_list("pk", flat=True))
    for pk in numbers:
        yield _part(StagedPart.objects.get(pk=pk))


def part_with(upload: RosterImport, row_number: int) -> Part | None:
    """The part that holds a row."""
    for part in parts_of(upload):
        if part.rows and part.rows[0].number <= row_number <= part.rows[-1].number:
            return part
    return None


def new_parts(upload: RosterImport, rows: Sequence[RosterRow]) -> Iterator[Part]:
    """Parts of rows just read, not written yet; what was kept before is gone."""
    upload.parts.all().delete()
    for number, start in enumerate(range(0, len(rows), PART)):
        stored = StagedPart(roster=upload, number=number)
        yield Part(stored, list(rows[start : start + PART]), [])


def results_of(upload: RosterImport) -> list[RowResult]:
    """What was found in every row."""
    stored = upload.parts.order_by("number")
    return [result for one in stored for result in _part(one).results]


def _part(stored: StagedPart) -> Part:
    rows, results = json.loads(zlib.decompress(box().decrypt(bytes(stored.content))))
    return Part(
        stored,
        [_row_in(row) for row in rows],
        [_result_in(row[0], result) for row, result in zip(rows, results, strict=False)],
    )


def _row_out(row: RosterRow) -> list[Any]:
    values = list(_values(row.values))
    if values[_BIRTH] is not None:
        values[_BIRTH] = values[_BIRTH].isoformat()
    if not row.problems:
        return [row.number, values]
    problems = [[p.column, p.code, p.reason, p.severity] for p in row.problems]
    return [row.number, values, problems, dict(row.cells or {})]


def _row_in(plain: list[Any]) -> RosterRow:
    number, values, *rest = plain
    if values[_BIRTH] is not None:
        values[_BIRTH] = dt.date.fromisoformat(values[_BIRTH])
    read = RosterValues(**dict(zip(_FIELDS, values, strict=True)))
    if not rest:
        return RosterRow(number, read)
    problems, cells = rest
    return RosterRow(number, read, tuple(Problem(number, *one) for one in problems), cells)


def _result_out(result: RowResult) -> list[Any]:
    if not (result.warnings or result.errors):
        return [str(result.outcome), result.full_name]
    told = [
        [[one.column, one.code, one.message] for one in findings]
        for findings in (result.warnings, result.errors)
    ]
    return [str(result.outcome), result.full_name, *told]


def _result_in(number: int, plain: list[Any]) -> RowResult:
    outcome, name, *told = plain
    warnings, errors = told or ([], [])
    return RowResult(
        number,
        Outcome(outcome),
        name,
        [Finding(number, *one) for one in warnings],
        [Finding(number, *one) for one in errors],
    )
