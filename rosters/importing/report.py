"""The report of an import: one outcome per row, every finding by row and column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.deferred_messages import DeferredMessage
from rosters.choices import Outcome
from rosters.importing.missing import NOBODY_MISSING, Missing
from rosters.importing.rows import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about one cell; ``row`` is the sheet's number."""

    row: int
    column: str
    code: str
    sentence: DeferredMessage

    @property
    def message(self) -> str:
        return str(self.sentence)

    @property
    def reason(self) -> str:
        return str(self.sentence.parameters.get("reason", self.sentence))

    def as_dict(self) -> dict[str, str | int]:
        """The shape of the command's and the API's JSON."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
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
    warnings: list[Finding] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class ImportReport:
    """``results`` are in the sheet's order; ``updated`` counts enrollments that the roster changed.

    After an undo, ``gone`` counts the people removed, and ``stay`` lists the trainee codes of the
    others with a value of ``RemovalObstacle``. ``missing`` were nominated before and are on no row.
    """

    results: list[RowResult]
    written: bool = False
    enrolled: int = 0
    waitlisted: int = 0
    pending: int = 0
    updated: int = 0
    transfers: int = 0
    keeps_rows: bool = True
    gone: int = 0
    stay: Sequence[tuple[str, str]] = ()
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
            "warnings": [f.as_dict() for result in self.results for f in result.warnings],
            "errors": [f.as_dict() for result in self.results for f in result.errors],
        }

    def summary(self) -> dict[str, Any]:
        figures = {"enrolled": self.enrolled, "waitlisted": self.waitlisted}
        figures |= {"pending": self.pending, "updated": self.updated}
        figures |= {"transfers": self.transfers}
        return {"written": self.written} | figures | self.missing.as_json()


WARNED = "warnings"


def tally(results: Sequence[RowResult]) -> dict[str, int]:
    """Outcome → number of rows; ``warnings`` counts those with warnings, ``""`` all."""
    counts = Counter([result.outcome.value for result in results])
    warned = sum([bool(result.warnings) for result in results])
    return {"": len(results), WARNED: warned, **counts}


def answers_to(result: RowResult, key: str) -> bool:
    return bool(result.warnings) if key == WARNED else key in ("", result.outcome)
