"""What an import has to say: one outcome per row, every finding by row and column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.deferred_messages import DeferredMessage
from rosters.choices import Outcome
from rosters.importing.rows import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one cell; ``row`` is the sheet's number."""

    row: int
    column: str
    code: str
    sentence: DeferredMessage

    @property
    def message(self) -> str:
        """The whole sentence in the reader's language."""
        return str(self.sentence)

    @property
    def reason(self) -> str:
        """What is wrong, without saying where it stands."""
        return str(self.sentence.parameters.get("reason", self.sentence))

    def as_dict(self) -> dict[str, str | int]:
        """The finding as commands and the API tell it."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
        }


def note_as_dict(note: Problem) -> dict[str, str | int | None]:
    """What was not read, as commands and the API tell it; null where no row or column is meant."""
    return {
        "row": note.row or None,
        "column": note.column or None,
        "code": note.code,
        "message": str(note.reason),
    }


@dataclass(slots=True)
class RowResult:
    """What became, or would become, of one row."""

    row: int
    outcome: Outcome
    full_name: str = ""
    warnings: list[Finding] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class ImportReport:
    """All rows of one roster, in the sheet's order; ``written`` says whether anything was.

    ``updated`` are people who had a place already and of whose place something else is said now.
    Of an import that was undone, ``gone`` is how many of its newcomers went again, ``stay`` the
    trainee codes of the others, each with a value of ``Stays``.
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
    counts: Counter[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter(result.outcome for result in self.results)

    def add(self, results: Sequence[RowResult]) -> None:
        """The next rows; counted only, where somebody else keeps them."""
        self.counts.update([result.outcome for result in results])
        if self.keeps_rows:
            self.results += results

    def count(self, outcome: Outcome) -> int:
        return self.counts[outcome]

    @property
    def rejected(self) -> int:
        return self.count(Outcome.REJECTED)

    def as_json(self) -> dict[str, Any]:
        """The form of the contract (DESIGN section 5, ``import_roster --json``)."""
        counts = self.counts
        return {
            "rows": len(self.results),
            "created": counts[Outcome.CREATED],
            "matched": counts[Outcome.MATCHED],
            "unchanged": counts[Outcome.UNCHANGED],
            "candidates": counts[Outcome.CANDIDATE],
            "rejected": counts[Outcome.REJECTED],
            "warnings": [f.as_dict() for result in self.results for f in result.warnings],
            "errors": [f.as_dict() for result in self.results for f in result.errors],
        }

    def summary(self) -> dict[str, Any]:
        """What holds for the roster as a whole; the rows are kept apart, by ``tally`` too."""
        figures = {"enrolled": self.enrolled, "waitlisted": self.waitlisted}
        figures |= {"pending": self.pending, "updated": self.updated}
        figures |= {"transfers": self.transfers}
        return {"written": self.written} | figures


WARNED = "warnings"


def tally(results: Sequence[RowResult]) -> dict[str, int]:
    """How many rows have each outcome, how many are warned of, and under ``""`` how many are."""
    counts = Counter([result.outcome.value for result in results])
    warned = sum([bool(result.warnings) for result in results])
    return {"": len(results), WARNED: warned, **counts}


def answers_to(result: RowResult, key: str) -> bool:
    """Whether ``tally`` counts the row under a key."""
    return bool(result.warnings) if key == WARNED else key in ("", result.outcome)
