"""From enrolled to counted: each step's difference as a list of names with reasons."""

import datetime as dt
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from common import clock
from common.bulk import in_list
from common.deferred_messages import DeferredMessage as _
from counting.counter import counted
from counting.explanation import refusals, with_relations
from counting.models import CountingRule
from counting.output import instant_as_text, rule_as_json
from counting.replay import TRAINED_OFFICIALS, Count
from enrollment.models import Completion
from targets.progress.findings import Finding, findings
from targets.progress.reconciliation_labels import reason_labels, step_labels
from targets.progress.reconciliation_rows import (
    Named,
    Results,
    RowsByReason,
    Seats,
    read_results,
    read_seats,
)

_ROWS = 500


@dataclass(frozen=True, slots=True)
class StepReason:
    """People by whom a step is smaller (``count`` below 0) or larger than the one before.

    Somebody is listed once for each run by which it happened.
    """

    code: str
    count: int
    people: Sequence[Named]

    @property
    def label(self) -> str:
        return str(reason_labels().get(self.code, self.code))

    def as_json(self, most: int | None) -> dict[str, Any]:
        people = [one._asdict() for one in self.people[:most]]
        return {"code": self.code, "label": self.label, "count": self.count, "people": people}


@dataclass(frozen=True, slots=True)
class Step:
    """One figure; the step before plus the counts of the reasons makes ``count``."""

    key: str
    count: int
    difference: int
    reasons: Sequence[StepReason]

    @property
    def label(self) -> str:
        return str(step_labels()[self.key])

    def as_json(self, most: int | None) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label,
            "count": self.count,
            "difference": self.difference,
            "reasons": [reason.as_json(most) for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A completion on another day than the class's own, with the reason given for it."""

    code: str
    run: str
    completed_on: dt.date
    reason: str
    document: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"completed_on": self.completed_on.isoformat()}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``known_as_of`` is the instant up to which records are believed."""

    known_as_of: dt.datetime
    steps: Sequence[Step]
    unexplained: Sequence[Finding]
    rule: CountingRule | None
    outside_class_days: Sequence[OtherDay]

    @property
    def ok(self) -> bool:
        return not self.unexplained

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """``most`` limits each list of people."""
        return {
            "known_as_of": instant_as_text(self.known_as_of),
            "rule": rule_as_json(self.rule),
            "steps": [step.as_json(most) for step in self.steps],
            "outside_class_days": [other.as_json() for other in self.outside_class_days[:most]],
            "unexplained": [finding.as_json() for finding in self.unexplained],
            "ok": self.ok,
        }


def reconcile(
    *, indicator: str = TRAINED_OFFICIALS, advance: Callable[[], object] = lambda: None
) -> Reconciliation:
    """Follow everybody from a seat to the number, as believed now.

    Each difference has names and reasons; contradictions are ``unexplained``. Reads every
    enrollment and completion: pages show ``targets.progress.stored_reconciliation``. ``advance``
    is called again and again.
    """
    count = counted(known_as_of=clock.now(), indicator=indicator)
    seats = read_seats(advance)
    results = read_results(count, seats.attended, advance)
    steps = [Step("enrolled", seats.number, 0, [])]
    for follow in (_attended, _completed, _certificated, _distinct, _counted):
        advance()
        steps.append(follow(seats, results, count))
    unexplained = [*_gaps(steps), *findings(advance)]
    return Reconciliation(count.known_as_of, steps, unexplained, count.rule, _outside_class_days())


def _outside_class_days() -> list[OtherDay]:
    outside = Completion.objects.not_voided().outside_class_days().earliest_first()
    return [
        OtherDay(
            one.trainee.code,
            one.run.code,
            one.completed_on,
            one.day_reason,
            str(one.paper or ""),
        )
        for one in outside.select_related("trainee", "run", "paper")
    ]


# Steps ----------------------------------------------------------------------------------


def _attended(seats: Seats, _results: Results, _count: Count) -> Step:
    return _step("attended", seats.attended_number, seats.number, less=seats.not_attended)


def _completed(seats: Seats, results: Results, _count: Count) -> Step:
    less, more = seats.not_completed.without(results.enrollments), results.beside_seats
    return _step("completed", results.number, seats.attended_number, less=less, more=more)


def _certificated(_seats: Seats, results: Results, _count: Count) -> Step:
    less = results.no_certificate
    return _step("certificated", results.certificated, results.number, less=less)


def _distinct(_seats: Seats, results: Results, _count: Count) -> Step:
    """People behind all completions: certificates are not needed to count as trained."""
    less, more = results.same_person, results.without_certificate
    return _step("people", results.people, results.certificated, less=less, more=more)


def _counted(_seats: Seats, results: Results, count: Count) -> Step:
    less = RowsByReason(Completion)
    for id_, reason in _why_not_counted(count, results.not_counted):
        less[reason].append(id_)
    return _step("counted", count.persons, results.people, less=less)


def _why_not_counted(count: Count, ids: "array[int]") -> Iterator[tuple[int, str]]:
    """The reason for the first of somebody's completions."""
    if count.rule is None:
        yield from ((id_, "no_rule") for id_ in ids)
        return
    rows = Completion.objects.filter(pk__in=in_list(ids)) if ids else Completion.objects.none()
    for row in with_relations(rows).iterator(chunk_size=_ROWS):
        reasons = refusals(row, count.rule, as_of=count.as_of, known_as_of=count.known_as_of)
        yield row.pk, reasons[0].code if reasons else "no_outcome"


def _step(
    key: str, count: int, before: int, *, less: RowsByReason, more: RowsByReason | None = None
) -> Step:
    plus, minus = more.people() if more else (), less.people()
    reasons = [StepReason(code, len(people), people) for code, people in plus]
    reasons += (StepReason(code, -len(people), people) for code, people in minus)
    return Step(key, count, count - before, reasons)


def _gaps(steps: list[Step]) -> Iterable[Finding]:
    """Steps whose reasons do not add up, and people for whom no reason was found."""
    for step in steps:
        explained = sum(reason.count for reason in step.reasons)
        people = [str(one) for r in step.reasons if r.code == "no_outcome" for one in r.people]
        label = step_labels()[step.key]
        if explained != step.difference:
            message = _(
                "“%(step)s”: a difference of %(difference)s, of which %(explained)s are explained."
            )
            what: dict[str, Any] = {
                "step": label,
                "difference": step.difference,
                "explained": explained,
            }
            yield Finding("difference", message % what)
        if people:
            message = _("“%(step)s”: no reason found for %(people)s.")
            yield Finding("no_reason", message % {"step": label, "people": ", ".join(people)})
