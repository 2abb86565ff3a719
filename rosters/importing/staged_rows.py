"""The rows of an upload as they were read, encrypted in parts of some thousand.

The findings are stored beside them: a letter per row for its outcome, and by row number the
messages and what would change. A part in which nothing has changed is not written again.
"""

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from common.deferred_messages import DeferredMessage, message_from_json
from common.encryption import box
from rosters.choices import Outcome
from rosters.importing.report import RowResult
from rosters.importing.rows import Problem, RosterRow, RosterValues
from rosters.importing.rows.results import Severity
from rosters.models import RosterImport, StagedPart

_LETTERS: Final = {
    Outcome.CREATED: "n",
    Outcome.MATCHED: "m",
    Outcome.UNCHANGED: "u",
    Outcome.CANDIDATE: "c",
    Outcome.REJECTED: "r",
}
_OUTCOMES: Final = {letter: outcome for outcome, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row as its sender sees it.

    ``before`` maps the fields that would change of the known person ``person_id`` to their values
    at the time of the check.
    """

    result: RowResult
    values: RosterValues
    person_id: int | None = None
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """``changes`` are those of ``changes_of``."""

    stored: StagedPart
    rows: list[RosterRow]
    found: tuple[str, dict[str, Any]] = ("", {})
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def results(self) -> list[RowResult]:
        outcomes, messages = self.found
        return [
            _result(row, _OUTCOMES[letter], messages.get(str(row.number)))
            for row, letter in zip(self.rows, outcomes, strict=False)
        ]

    @property
    def seen(self) -> list[SeenRow]:
        return [
            SeenRow(result, row.values, *self._change(result))
            for row, result in zip(self.rows, self.results, strict=False)
        ]

    def _change(self, result: RowResult) -> Sequence[Any]:
        is_known = result.outcome == Outcome.MATCHED
        return self.changes.get(str(result.row), ()) if is_known else ()

    def keep(self, results: Sequence[RowResult], changes: dict[str, Any] | None = None) -> None:
        """Write the part if something differs; without ``changes`` the former ones stay."""
        found, changes = _found(results), self.changes if changes is None else changes
        if found != self.found or changes != self.changes:
            self.found, self.changes = found, changes
            self.write()

    def write(self) -> None:
        plain = orjson.dumps([[_row_out(row) for row in self.rows], *self.found, self.changes])
        self.stored.content = box().encrypt(zlib.compress(plain, 1))
        self.stored.save()

    def save_entered(self, entered: dict[str, Any]) -> None:
        self.stored.entered = entered
        self.stored.save(update_fields=["entered"])


def parts_of(upload: RosterImport) -> Iterator[Part]:
    numbers = list(upload.parts.values_list("pk", flat=True))
    for pk in numbers:
        yield _part(StagedPart.objects.get(pk=pk))


def part_with(upload: RosterImport, row_number: int) -> Part | None:
    """The part that contains a row, found by bisection: decrypting a part is slow."""
    parts = list(upload.parts.values_list("pk", flat=True))
    while parts:
        middle = len(parts) // 2
        part = _part(StagedPart.objects.get(pk=parts[middle]))
        if row_number < part.rows[0].number:
            parts = parts[:middle]
        elif row_number > part.rows[-1].number:
            parts = parts[middle + 1 :]
        else:
            return part
    return None


def part_at(upload: RosterImport, position: int) -> Part:
    """``position`` counts from 0, in the sheet's order."""
    return _part(upload.parts.order_by("number")[position])


def new_parts(upload: RosterImport, rows: Iterable[Sequence[RosterRow]]) -> Iterator[Part]:
    upload.parts.all().delete()
    for number, part in enumerate(rows):
        yield Part(StagedPart(roster=upload, number=number), list(part))


def _part(stored: StagedPart) -> Part:
    plain = zlib.decompress(box().decrypt(bytes(stored.content)))
    rows, outcomes, messages, *changes = orjson.loads(plain)
    return Part(stored, [_row_in(row) for row in rows], (outcomes, messages), *changes)


def _row_out(row: RosterRow) -> tuple[Any, ...]:
    if not row.problems and not row.edited:
        return row.number, row.values
    problems = [[p.column, p.code, p.reason.as_json(), p.severity] for p in row.problems]
    return row.number, row.values, problems, row.cells, row.edited


def _row_in(plain: list[Any]) -> RosterRow:
    number, values, *rest = plain
    if born := values["birth_date"]:
        values["birth_date"] = dt.date.fromisoformat(born)
    read = RosterValues(**values)
    if not rest:
        return RosterRow(number, read)
    problems, *cells = rest
    messages = tuple(
        Problem(number, column, code, message_from_json(reason), severity)
        for column, code, reason, severity in problems
    )
    return RosterRow(number, read, messages, *cells)


def _found(results: Sequence[RowResult]) -> tuple[str, dict[str, Any]]:
    letters = "".join([_LETTERS[result.outcome] for result in results])
    return letters, {
        str(result.row): [
            [[one.column, one.code, one.reason.as_json()] for one in findings]
            for findings in (result.warnings, result.errors)
        ]
        for result in results
        if result.warnings or result.errors
    }


def _result(row: RosterRow, outcome: Outcome, messages: Sequence[Any] | None) -> RowResult:
    warnings, errors = messages or ((), ())
    return RowResult(
        row.number,
        outcome,
        row.values.full_name,
        [_problem(row.number, "warning", *one) for one in warnings],
        [_problem(row.number, "error", *one) for one in errors],
    )


def _problem(
    row: int, severity: Severity, column: str, code: str, plain: list[Any] | str
) -> Problem:
    reason = message_from_json(plain)
    # Release 1.0 stored the whole sentence; before, finished texts that name the column themselves.
    if isinstance(plain, str):
        column = ""
    if reason.parameters.keys() == {"row", "column", "reason"}:
        inner = reason.parameters["reason"]
        reason = inner if isinstance(inner, DeferredMessage) else DeferredMessage(str(inner))
    return Problem(row, column, code, reason, severity)
