"""The report of an import: one outcome per row, every finding by row and column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rosters.choices import Outcome
from rosters.importing.missing import NOBODY_MISSING, Missing
from rosters.importing.rows import Problem


def finding_as_dict(found: Problem) -> dict[str, str | int]:
    """The shape of the command's and the API's JSON."""
    return {
        "row": found.row,
        "column": found.column,
        "code": found.code,
        "message": found.message,
    }


def note_as_dict(note: Problem) -> dict[str, str | int | None]:
    return {
        "row": note.row or None,
        "column": note.column or None,
        "code": note.code,
        "message": str(note.reason),
    }


@dataclass(slots=True)
class RowResult:
    row: int
    outcome: Outcome
    full_name: str = ""
    warnings: list[Problem] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class ImportReport:
    """``results`` in the sheet's order; ``updated`` counts enrollments that the roster changed.

    ``missing`` were nominated before and are on no row.
    """

    results: list[RowResult]
    written: bool = False
    enrolled: int = 0
    waitlisted: int = 0
    pending: int = 0
    updated: int = 0
    transfers: int = 0
    keeps_rows: bool = True
    missing: Missing = NOBODY_MISSING
    counts: Counter[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter(result.outcome for result in self.results)

    def add(self, results: Sequence[RowResult]) -> None:
        self.counts.update([result.outcome for result in results])
        if self.keeps_rows:
            self.results += results

    def count(self, outcome: Outcome) -> int:
        return self.counts[outcome]

    @property
    def rejected(self) -> int:
        return self.count(Outcome.REJECTED)

    def as_json(self) -> dict[str, Any]:
        counts = self.counts
        return {
            "rows": len(self.results),
            "created": counts[Outcome.CREATED],
            "matched": counts[Outcome.MATCHED],
            "unchanged": counts[Outcome.UNCHANGED],
            "candidates": counts[Outcome.CANDIDATE],
            "rejected": counts[Outcome.REJECTED],
            "missing": len(self.missing.kept) + len(self.missing.uncertain),
            "withdrawn": len(self.missing.withdrawn),
            "warnings": [finding_as_dict(f) for result in self.results for f in result.warnings],
            "errors": [finding_as_dict(f) for result in self.results for f in result.errors],
        }

    def summary(self) -> dict[str, Any]:
        figures = ("written", "enrolled", "waitlisted", "pending", "updated", "transfers")
        return {name: getattr(self, name) for name in figures} | self.missing.as_json()


WARNED = "warnings"


def tally(results: Sequence[RowResult]) -> dict[str, int]:
    """Outcome → number of rows; ``warnings`` counts those with warnings, ``""`` all."""
    counts = Counter([result.outcome.value for result in results])
    warned = sum([bool(result.warnings) for result in results])
    return {"": len(results), WARNED: warned, **counts}


def answers_to(result: RowResult, key: str) -> bool:
    return bool(result.warnings) if key == WARNED else key in ("", result.outcome)
