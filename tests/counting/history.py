"""What happened, as plain records, and what the number is by its definition alone.

Nothing here asks the database or the code under test: each method is one sentence of the
definition, however slow.
"""

import datetime as dt
from dataclasses import dataclass, field

from common.clock import HANOI


@dataclass
class Completed:
    id: int
    trainee: int
    course: str
    periods: int
    evidence: str
    agency: int
    kind: str
    sector: str
    completed_on: dt.date
    recorded_at: dt.datetime
    voided_at: dt.datetime | None = None


@dataclass
class Merged:
    id: int
    survivor: int
    absorbed: int
    recorded_at: dt.datetime
    undone_at: dt.datetime | None = None


@dataclass
class Succeeded:
    id: int
    is_split: bool
    on: dt.date
    predecessor: int
    successors: list[int]
    recorded_at: dt.datetime
    voided_at: dt.datetime | None = None


@dataclass
class Assigned:
    completion: int
    succession: int
    successor: int
    recorded_at: dt.datetime


@dataclass
class Adopted:
    version: int
    adopted_at: dt.datetime
    days_by_course: dict[str, tuple[dt.date, dt.date]]
    sectors: list[str]
    kinds: list[str]
    evidence: list[str]
    minimum_periods: int
    left_out: list[int]


@dataclass
class Signed:
    """A report: people with the completions they counted by, all completions, the rule."""

    id: int
    version: int
    starts_on: dt.date
    ends_on: dt.date
    people: dict[int, int]
    completions: set[int]
    rule: Adopted | None
    is_open: bool = False


@dataclass
class History:
    completed: list[Completed] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    succeeded: list[Succeeded] = field(default_factory=list)
    assigned: list[Assigned] = field(default_factory=list)
    adopted: list[Adopted] = field(default_factory=list)
    signed: list[Signed] = field(default_factory=list)

    def instants(self) -> list[dt.datetime]:
        """When anything was recorded, voided or undone."""
        instants = {one.adopted_at for one in self.adopted}
        for completion in self.completed:
            instants |= {completion.recorded_at, completion.voided_at or completion.recorded_at}
        for merged in self.merged:
            instants |= {merged.recorded_at, merged.undone_at or merged.recorded_at}
        for succeeded in self.succeeded:
            instants |= {succeeded.recorded_at, succeeded.voided_at or succeeded.recorded_at}
        return sorted(instants | {assigned.recorded_at for assigned in self.assigned})

    def human_behind(self, trainee: int, known: dt.datetime) -> int:
        for merge in self.merged:
            undone = merge.undone_at is not None and merge.undone_at <= known
            if merge.absorbed == trainee and merge.recorded_at <= known and not undone:
                return self.human_behind(merge.survivor, known)
        return trainee

    def rule(self, known: dt.datetime) -> Adopted | None:
        adopted = [rule for rule in self.adopted if rule.adopted_at <= known]
        return max(adopted, key=lambda rule: rule.version, default=None)

    def qualifies(
        self, completion: Completed, as_of: dt.date, known: dt.datetime, rule: Adopted | None
    ) -> bool:
        if rule is None or completion.course not in rule.days_by_course:
            return False
        first_day, last_day = rule.days_by_course[completion.course]
        return (
            completion.completed_on <= as_of
            and completion.recorded_at <= known
            and (completion.voided_at is None or completion.voided_at > known)
            and first_day <= completion.completed_on <= last_day
            and completion.sector != ""
            and (rule.sectors == [] or completion.sector in rule.sectors)
            and (rule.kinds == [] or completion.kind in rule.kinds)
            and (rule.evidence == [] or completion.evidence in rule.evidence)
            and completion.periods >= rule.minimum_periods
            and completion.agency not in rule.left_out
        )

    def qualifying(
        self, as_of: dt.date, known: dt.datetime, rule: Adopted | None = None
    ) -> list[Completed]:
        """By the rule given, or by the one in force then."""
        rule = rule or self.rule(known)
        return [one for one in self.completed if self.qualifies(one, as_of, known, rule)]

    def people(
        self, as_of: dt.date, known: dt.datetime, rule: Adopted | None = None
    ) -> dict[int, Completed]:
        """Human being → their first qualifying completion."""
        firsts: dict[int, Completed] = {}
        for completion in self.qualifying(as_of, known, rule):
            human = self.human_behind(completion.trainee, known)
            earlier = firsts.get(human, completion)
            firsts[human] = min(
                earlier, completion, key=lambda one: (one.completed_on, one.recorded_at, one.id)
            )
        return firsts

    def agency_today(self, completion: Completed, known: dt.datetime) -> int | None:
        """The sender's successor on the day of ``known``; None: a split not settled."""
        agency: int | None = completion.agency
        believed = [
            one
            for one in self.succeeded
            if one.recorded_at <= known
            and not (one.voided_at and one.voided_at <= known)
            and one.on <= known.astimezone(HANOI).date()
        ]
        for succession in sorted(believed, key=lambda one: (one.on, one.id)):
            if succession.predecessor != agency:
                continue
            agency = succession.successors[0]
            if succession.is_split:
                agency = self.successor(completion, succession, known)
        return agency

    def successor(self, completion: Completed, split: Succeeded, known: dt.datetime) -> int | None:
        reached = [
            one.successor
            for one in self.assigned
            if (one.completion, one.succession) == (completion.id, split.id)
            and one.recorded_at <= known
        ]
        return reached[0] if reached else None

    def reached_on(self, minimum: int, as_of: dt.date, known: dt.datetime) -> dt.date | None:
        """The first day, up to ``as_of``, as of which so many people count."""
        for day in sorted({one.completed_on for one in self.completed}):
            if day <= as_of and len(self.people(day, known)) >= minimum:
                return day
        return None

    def reports_in_force(self) -> list[Signed]:
        return [report for report in self.signed if not report.is_open]

    def refusal_to_sign(
        self, starts_on: dt.date, ends_on: dt.date, known: dt.datetime
    ) -> str | None:
        """Two signed periods share no day; without a rule there is no figure."""
        for report in self.reports_in_force():
            if report.starts_on <= ends_on and starts_on <= report.ends_on:
                return "overlaps_signed"
        return None if self.rule(known) else "no_rule"

    def sign(self, id_: int, starts_on: dt.date, ends_on: dt.date, known: dt.datetime) -> None:
        people = {human: one.id for human, one in self.people(ends_on, known).items()}
        completions = {one.id for one in self.qualifying(ends_on, known)}
        version = 1 + sum(report.ends_on == ends_on for report in self.signed)
        self.signed.append(
            Signed(id_, version, starts_on, ends_on, people, completions, self.rule(known))
        )
