"""Deciding what each row of a roster is, before anything is written.

The dry run and the real run use this one plan, so they cannot disagree.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from agencies.models import Agency
from common import clock
from common.bulk import in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.conflicts import Doubts
from enrollment.services.details import (
    DETAIL_FIELDS,
    EnrollmentUpdate,
    changed_fields,
    shown_details,
    update_details,
)
from people.matching import NEW, Match, Matcher, Verdict, guess_digest
from people.models import Merge, Trainee
from people.querysets import resolved
from people.services import amend, move
from rosters.choices import Outcome
from rosters.importing import plan_messages as sentences
from rosters.importing.class_codes import ClassNames, of_no_class
from rosters.importing.enrolled import Places
from rosters.importing.report import Finding, RowResult
from rosters.importing.rows import Problem, RosterRow
from rosters.importing.rows.person import year_alone
from rosters.importing.senders import Sender, office
from rosters.importing.shared_emails import SharedAddresses

PART = 4000
# What is compared with a row about somebody of whom the sender may know nothing.
_UNKNOWN = Trainee(unit="", position="")
_NOBODY = 0  # no person's id: what speaks against somebody who has done nothing yet
# Of somebody who already has a place in the class these are said of the place.
_OF_THE_PLACE = frozenset({"position", "unit"})


def batched(rows: Iterable[RosterRow]) -> Iterator[Sequence[RosterRow]]:
    """The rows in parts of ``PART``."""
    rest = iter(rows)
    while part := list(islice(rest, PART)):
        yield part


@dataclass(slots=True)
class RowPlan:
    """One row: its result, and what has to be written for it.

    ``changed`` are fields of the known person with what stood there before, ``digest`` is the blind
    index of a new person's number; ``update`` is the place that somebody already has, where
    something else is said of it.
    ``resembles`` are ids of people known before this roster, ``resembles_rows`` the positions of
    earlier rows of it. ``is_foreign`` is a person of an agency that the sender does not act for:
    nothing of theirs changes, and with ``asks`` their transfer is asked for.
    """

    row: RosterRow
    result: RowResult
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
    candidates: tuple[int, ...] = ()
    candidate_rows: tuple[int, ...] = ()


class Planner:
    """Plans a roster part by part, so that a long one needs little memory.

    What was entered for a part is told by ``entered`` before the next one is planned; a dry run
    tells nothing and comes to the same plan. Without a ``sender`` the office speaks, and moves
    nobody.
    """

    def __init__(
        self,
        heading: Callable[[str], str],
        run: CourseRun,
        agency: Agency,
        sender: Sender | None = None,
    ) -> None:
        self.heading, self.run, self.agency = heading, run, agency
        self.sender = sender or office(agency)
        self.survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
        self.places = Places(run, agency, self.survivors)
        self.classes, self.bare_years = ClassNames(run), run.course.bare_birth_years
        has_no_column = heading("full_name")
        self.said_of_places = [name for name in DETAIL_FIELDS if heading(name) != has_no_column]
        self.people_in_file: dict[int, int] = {}
        own = self.sender.own
        sees_all = own is None or self.sender.reads_all
        rows = self.places.rows if sees_all else self.places.sent_by(own or ())
        formerly_own = rows if self.sender.reads_all else self.places.once_of(own or ())
        self.matcher = Matcher(rows, own, formerly_own)
        self.doubts = Doubts(run)
        self.addresses = SharedAddresses(agency)
        self.of_newcomers = self.doubts.of([_NOBODY])
        self.numbers: list[int] = []
        self.person_ids: list[int | None] = []
        since = CourseRun.objects.filter(starts_on__gt=run.starts_on)
        self.runs_since = list(since.values_list("id", flat=True))
        departments = Agency.objects.exclude(parent=None).values_list("id", "parent_id")
        self.parents = {child: parent for child, parent in departments if parent}

    def plan(self, rows: Sequence[RosterRow]) -> list[RowPlan]:
        """What each of the next rows would do, in the sheet's order; nothing is written."""
        plans = [RowPlan(row, _first_result(row)) for row in rows]
        self._keep_to_the_class(plans)
        sound = [plan for plan in plans if plan.result.outcome != Outcome.REJECTED]
        matches = self.matcher.match([plan.row.values for plan in sound])
        self.numbers += [plan.row.number for plan in sound]
        known = [match.trainee.id for match in matches if match.trainee]
        self.elsewhere = self._senders_since(known) if self.runs_since else set()
        self.places.look_up(known)
        self.agency_of = self._agencies_of_survivors(known)
        for plan, match, digest in zip(sound, matches, self.matcher.digests, strict=True):
            plan.digest = digest
            if self._is_too_much(plan, match):
                self._refuse(plan, "full_name", "too_many_guesses", sentences.too_many())
            elif match is NEW:
                plan.result.outcome = Outcome.CREATED
                plan.enters_run = plan.is_new_person = True
            else:
                self._settle(plan, match)
        told = [plan for plan in sound if self.sender.reads_all or not plan.is_foreign]
        self._doubt([plan for plan in told if plan.enters_run])
        self._doubt_addresses(told)
        self._sound = sound
        return plans

    def entered(self) -> None:
        """The plans given last have been carried out; their people have ids now."""
        new = [plan.person_id for plan in self._sound if plan.is_new_person and plan.person_id]
        self.matcher.enter(new)
        self.person_ids += [plan.person_id for plan in self._sound]

    def alike(self, plan: RowPlan) -> Iterator[int]:
        """The ids of everybody whom a human should compare this new person with."""
        yield from plan.candidates
        before = len(self.person_ids)
        for position in plan.candidate_rows:
            found = (
                self.person_ids[position]
                if position < before
                else self._sound[position - before].person_id
            )
            if found:
                yield found

    def _keep_to_the_class(self, plans: Sequence[RowPlan]) -> None:
        """Rows of other classes are left to these; what names no class at all is passed over."""
        others = self.classes.others([plan.row.values.texts.get("run_code") for plan in plans])
        for plan in plans if others else ():
            code = plan.row.values.texts.get("run_code", "")
            if others.get(code):
                self._refuse(plan, "run_code", "another_run", self.classes.of_another(code))
            elif code in others:
                self._warn(plan, "run_code", "unknown_run", of_no_class(code))

    def _settle(self, plan: RowPlan, match: Match) -> None:
        if match.verdict in (Verdict.CONFLICT, Verdict.UNKNOWN_CODE):
            self._reject(plan, match)
        elif match.trainee is not None and self._lacks_birth_date(plan, match.trainee):
            self._refuse(plan, "birth", "birth_year_only", year_alone())
        elif match.repeats is not None:
            self._repeat(plan, self.numbers[match.repeats])
        elif match.trainee is not None:
            self._known(plan, match.trainee)
        else:
            self._enter(plan, match)

    def _enter(self, plan: RowPlan, match: Match) -> None:
        """Somebody new; that they are like another agency's person is for the office to know."""
        alike = bool(match.candidates) and self.sender.reads_all
        candidate = match.verdict == Verdict.CANDIDATE or alike
        plan.result.outcome = Outcome.CANDIDATE if candidate else Outcome.CREATED
        plan.enters_run = plan.is_new_person = True
        plan.candidates, plan.candidate_rows = match.candidates, match.candidate_rows
        if candidate:
            self._warn(plan, "full_name", "candidate", sentences.candidate())

    def _is_too_much(self, plan: RowPlan, match: Match) -> bool:
        """Whether the sender has guessed so often that no further such row is looked at.

        Neither are rows whose number nobody bears: otherwise the refusal tells which ones exist.
        """
        limit, trainee = self.sender.limit, match.trainee
        if limit is None or match.verdict in (Verdict.CONFLICT, Verdict.UNKNOWN_CODE):
            return False  # counted where it is rejected
        if trainee is None:
            return bool(plan.digest) and limit.is_reached
        is_enrolled = trainee.id in self.matcher.already_enrolled
        return match.verdict == Verdict.FOREIGN and not is_enrolled and limit.is_reached

    def _reject(self, plan: RowPlan, match: Match) -> None:
        limit = self.sender.limit
        if match.is_guess and limit and not limit.count(guess_digest(plan.row.values)):
            self._refuse(plan, "full_name", "too_many_guesses", sentences.too_many())
            return
        by_code = bool(plan.row.values.trainee_code)
        name = "trainee_code" if by_code else "personal_number"
        if match.verdict == Verdict.UNKNOWN_CODE and self.sender.reads_all:
            self._refuse(plan, name, "unknown_code", sentences.unknown_code())
        else:
            self._refuse(plan, name, "conflict", sentences.conflict())

    def _lacks_birth_date(self, plan: RowPlan, trainee: Trainee) -> bool:
        """Whether a bare year tells anything new, where the course asks for whole dates."""
        values = plan.row.values
        is_bare = values.birth_year is not None and values.birth_date is None
        if not is_bare or self.bare_years:
            return False
        return trainee.birth_year is None and not self._is_foreign(trainee)

    def _repeat(self, plan: RowPlan, first_row: int) -> None:
        """A person repeated in one file is entered once; the first row wins."""
        plan.result.outcome = Outcome.UNCHANGED
        reason = _("The same person as in row %(first)s; nothing more was entered.")
        self._warn(plan, "full_name", "repeated", reason % {"first": first_row})

    def _known(self, plan: RowPlan, trainee: Trainee) -> None:
        person_id = resolved(trainee.id, self.survivors)
        if person_id in self.people_in_file:
            self._repeat(plan, self.people_in_file[person_id])
            return
        self.people_in_file[person_id] = plan.row.number
        plan.trainee, plan.person_id = trainee, person_id
        plan.enters_run = person_id not in self.places.row_of
        plan.is_foreign = self._is_foreign(trainee)
        if plan.is_foreign:
            self._nominate_only(plan, trainee)
            return
        stay = () if plan.enters_run else self._restate(plan, trainee)
        plan.changed = amend(trainee, plan.row.values, stay) | self._transfer(plan, trainee)
        writes = plan.changed or plan.update or plan.enters_run
        plan.result.outcome = Outcome.MATCHED if writes else Outcome.UNCHANGED

    def _nominate_only(self, plan: RowPlan, trainee: Trainee) -> None:
        """Send somebody of another agency, and ask for the transfer; nothing else is theirs yet."""
        plan.asks = plan.enters_run and self._works_elsewhere(trainee)
        if plan.asks:
            self._warn(plan, "full_name", "transfer_asked", sentences.transfer_asked())
        if not plan.enters_run:
            known = trainee if self.sender.reads_all else _UNKNOWN
            self._restate_place(plan, trainee, known)
        writes = plan.enters_run or plan.update
        plan.result.outcome = Outcome.MATCHED if writes else Outcome.UNCHANGED

    def _is_foreign(self, trainee: Trainee) -> bool:
        """Whether the row, or the person whom a merge has made of it, is another agency's."""
        return self.matcher.is_foreign(trainee) or self._works_elsewhere(trainee)

    def _works_elsewhere(self, trainee: Trainee) -> bool:
        own = self.sender.own
        return own is not None and self.agency_of.get(trainee.id, trainee.agency_id) not in own

    def _agencies_of_survivors(self, known: Sequence[int]) -> dict[int, int]:
        """Of rows that turned out to be another's: where that person works."""
        last = {row: resolved(row, self.survivors) for row in known if row in self.survivors}
        if not last:
            return {}
        rows = Trainee.objects.filter(pk__in=in_list(set(last.values()))).order_by()
        agencies = dict(rows.values_list("id", "agency_id"))
        return {row: agencies[survivor] for row, survivor in last.items()}

    def _restate(self, plan: RowPlan, trainee: Trainee) -> Collection[str]:
        """Have the place say what the row says; which fields of the person stay as they are.

        The person goes along only where they said the same as the place and no later class
        speaks of them: an old list sent once more demotes nobody.
        """
        self._restate_place(plan, trainee, trainee)
        if plan.update is None or trainee.id in self.elsewhere:
            return _OF_THE_PLACE
        before = plan.update.before.items()
        alike = {field for field, was in before if was == getattr(trainee, field, None)}
        return _OF_THE_PLACE - alike

    def _restate_place(self, plan: RowPlan, trainee: Trainee, known: Trainee) -> None:
        """``known`` is what the sender may know of the person behind the place."""
        place = self.places.of(trainee.id)
        if plan.row.values.trainee_code:
            self._warn_of_blanks(plan, shown_details(place, known))
        changes = changed_fields(place, known, plan.row.values.texts)
        if not changes:
            return
        if refusal := self.places.refusal(place):
            self._warn(plan, next(iter(changes)), *refusal)
        else:
            plan.update = update_details(place, changes)

    def _warn_of_blanks(self, plan: RowPlan, stands: Mapping[str, str]) -> None:
        """Whoever empties a cell of our own list means it to go; blanks erase nothing."""
        for name in self.said_of_places:
            if stands[name] and not plan.row.values.texts.get(name):
                self._warn(plan, name, "left_empty", sentences.left_empty())

    def _transfer(self, plan: RowPlan, trainee: Trainee) -> dict[str, Any]:
        """The sender's people work for the sender, unless a later class says otherwise."""
        if not plan.enters_run or trainee.id in self.elsewhere or self._works_below(trainee):
            return {}
        if moved := move(trainee, self.agency):
            reason = _("This person stood with another agency and now stands with the sender.")
            self._warn(plan, "full_name", "agency_changed", reason)
            return moved
        return {}

    def _doubt(self, plans: Sequence[RowPlan]) -> None:
        """Warn of classes at the same time and of courses that should have come first."""
        known = {plan.person_id: plan for plan in plans if plan.person_id}
        for doubt in self.doubts.of(list(known)):
            self._warn(known[doubt.trainee_id], "full_name", doubt.code, doubt.sentence)
        for plan in plans if self.of_newcomers else ():
            for doubt in self.of_newcomers if plan.person_id is None else ():
                self._warn(plan, "full_name", doubt.code, doubt.sentence)

    def _doubt_addresses(self, plans: Sequence[RowPlan]) -> None:
        """Warn of e-mail addresses that several people would share."""
        people = [plan for plan in plans if plan.is_new_person or plan.person_id]
        said = [(plan, email) for plan in people if (email := plan.row.values.email)]
        self.addresses.look_up({email for _plan, email in said})
        for plan, email in said:
            ids = plan.person_id, plan.trainee.id if plan.trainee else None
            if doubt := self.addresses.doubt(email, plan.row.number, ids):
                self._warn(plan, "email", "email_shared", doubt)

    def _works_below(self, trainee: Trainee) -> bool:
        agency: int | None = trainee.agency_id
        while agency is not None and agency != self.agency.id:
            agency = self.parents.get(agency)
        return agency is not None

    def _senders_since(self, ids: Sequence[int]) -> set[int]:
        """People whom an agency has already sent to a class that starts after this one."""
        if not ids:
            return set()
        later = Enrollment.objects.live().filter(run__in=self.runs_since)
        return set(
            later.filter(trainee__in=in_list(ids)).order_by().values_list("trainee_id", flat=True)
        )

    def _refuse(self, plan: RowPlan, name: str, code: str, reason: DeferredMessage) -> None:
        plan.result.outcome = Outcome.REJECTED
        plan.result.errors.append(self._finding(plan, name, code, reason))

    def _warn(self, plan: RowPlan, name: str, code: str, reason: DeferredMessage) -> None:
        plan.result.warnings.append(self._finding(plan, name, code, reason, "warning"))

    def _finding(
        self,
        plan: RowPlan,
        name: str,
        code: str,
        reason: DeferredMessage,
        severity: Literal["error", "warning"] = "error",
    ) -> Finding:
        return finding_of(Problem(plan.row.number, self.heading(name), code, reason, severity))


def finding_of(problem: Problem) -> Finding:
    return Finding(problem.row, problem.column, problem.code, problem.sentence)


def _first_result(row: RosterRow) -> RowResult:
    """What reading alone says: rejected with all its errors, or sound so far."""
    result = RowResult(row.number, Outcome.UNCHANGED, row.values.full_name)
    if not row.problems:
        return result
    for problem in row.problems:
        told = result.errors if problem.severity == "error" else result.warnings
        told.append(finding_of(problem))
    if result.errors:
        result.outcome = Outcome.REJECTED
    return result
