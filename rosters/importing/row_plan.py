"""What importing one row of a roster would do, decided before anything is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from common.deferred_messages import DeferredMessage
from enrollment.services.details import EnrollmentUpdate
from people.models import Trainee
from rosters.choices import Outcome
from rosters.importing.report import RowResult
from rosters.importing.rows import Problem, RosterRow

# Rows read, planned and written together: a long roster needs little memory, few queries suffice.
PART = 4000


def batched(rows: Iterable[RosterRow]) -> Iterator[Sequence[RosterRow]]:
    rest = iter(rows)
    while part := list(islice(rest, PART)):
        yield part


@dataclass(slots=True)
class RowPlan:
    """One row: its result, and what has to be written for it.

    ``changed`` maps fields of the known person that change to their old values, ``digest`` is the
    blind index of a new person's number, ``update`` changes the enrollment that somebody already
    has. ``is_foreign`` is a person of an agency that the sender does not act for: nothing of theirs
    changes, and with ``asks`` their transfer is asked for. A human should compare a new person with
    ``candidates``, ids of people known or entered before, and with the rows ``candidate_plans``.
    ``first_row`` is the earlier row of the same person.
    """

    row: RosterRow
    result: RowResult
    heading: Callable[[str], str]
    trainee: Trainee | None = None
    changed: Mapping[str, Any] | None = None
    digest: str = ""
    update: EnrollmentUpdate | None = None
    person_id: int | None = None
    enters_run: bool = False
    is_new_person: bool = False
    is_foreign: bool = False
    asks: bool = False
    request_id: int | None = None
    first_row: int | None = None
    candidates: tuple[int, ...] = ()
    candidate_plans: "tuple[RowPlan, ...]" = ()

    @classmethod
    def of(cls, row: RosterRow, heading: Callable[[str], str]) -> "RowPlan":
        """The plan before anything is looked up: rejected where reading found an error."""
        result = RowResult(row.number, Outcome.UNCHANGED, row.values.full_name)
        for problem in row.problems:
            findings = result.errors if problem.severity == "error" else result.warnings
            findings.append(problem)
        if result.errors:
            result.outcome = Outcome.REJECTED
        return cls(row, result, heading)

    @property
    def is_rejected(self) -> bool:
        return self.result.outcome == Outcome.REJECTED

    def reject(self, key: str, code: str, reason: DeferredMessage) -> None:
        self.result.outcome = Outcome.REJECTED
        problem = Problem(self.row.number, self.heading(key), code, reason, "error")
        self.result.errors.append(problem)

    def warn(self, key: str, code: str, reason: DeferredMessage) -> None:
        problem = Problem(self.row.number, self.heading(key), code, reason, "warning")
        self.result.warnings.append(problem)

    def candidate_ids(self) -> list[int]:
        entered = [plan.person_id for plan in self.candidate_plans if plan.person_id]
        return [*self.candidates, *entered]
