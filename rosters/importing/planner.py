"""Decides what each row of a roster is; check and import share this plan."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agencies.models import Agency
from common import clock
from common.bulk import in_list
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.conflicts import EnrollmentWarnings
from enrollment.services.details import (
    DETAIL_FIELDS,
    changed_fields,
    shown_details,
    update_details,
)
from people.matching import NEW, Match, Matcher, Verdict, guess_digest
from people.models import Merge, Trainee
from people.querysets import resolved
from people.services.bulk import amend, move
from people.services.recipients import Reach, reach_of
from rosters.choices import Outcome
from rosters.fields import FIELD
from rosters.importing import plan_messages
from rosters.importing.class_codes import ClassCodes
from rosters.importing.missing import Missing, missing_from, sent_before
from rosters.importing.row_plan import RowPlan
from rosters.importing.rows import RosterRow
from rosters.importing.rows.person import year_alone
from rosters.importing.run_enrollments import RunEnrollments
from rosters.importing.senders import Sender
from rosters.importing.shared_emails import SharedEmails

# What is compared with a row about somebody of whom the sender may know nothing.
_UNKNOWN = Trainee(unit="", position="")
_NEWCOMER = 0  # no person's id: warnings for somebody without any history
# Of somebody enrolled already the enrollment says these, not the person.
_OF_ENROLLMENT = frozenset(key for key in DETAIL_FIELDS if FIELD[key].falls_back_to_person)

Write = Callable[[Sequence[RowPlan]], object]


@dataclass(frozen=True, slots=True)
class _Known:
    """The stored data of the people of one part, by the ids of their rows.

    ``sent_later`` are in a class that starts after this one; ``agency_of`` maps merged rows to the
    agency where the person works.
    """

    enrollments: Mapping[int, Enrollment]
    sent_later: Collection[int]
    agency_of: Mapping[int, int]


class Planner:
    """``of_results`` are the runs of a list of results, which enrolls nobody."""

    def __init__(
        self,
        heading: Callable[[str], str],
        run: CourseRun,
        sender: Sender,
        of_results: Collection[CourseRun] = (),
    ) -> None:
        self.heading, self.run, self.sender = heading, run, sender
        self.agency, self.of_results = (agency := sender.agency), of_results
        self.survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
        self.enrollments = RunEnrollments(run, agency, self.survivors, of_results)
        self.class_codes, self.bare_years = ClassCodes(run), run.course.bare_birth_years
        self.conflicts, self.emails = EnrollmentWarnings(run), SharedEmails(agency)
        self.newcomers_conflicts = self.conflicts.for_people([_NEWCOMER])
        has_no_column = heading("full_name")
        self.details_in_file = [key for key in DETAIL_FIELDS if heading(key) != has_no_column]
        self.matcher = self._matcher()
        later = CourseRun.objects.filter(starts_on__gt=run.starts_on)
        self.later_runs = list(later.values_list("id", flat=True))
        departments = Agency.objects.exclude(parent=None).values_list("id", "parent_id")
        self.parents = {child: parent for child, parent in departments if parent}
        # By the positions that the matcher counts, over all parts.
        self.row_numbers: list[int] = []
        self.person_ids: list[int | None] = []
        self.first_row_of: dict[int, int] = {}  # by person
        self.entering = self._new_without_email = 0
        self._known_without_email: list[int] = []
        self._candidates: set[int] = set()
        self._rejected: list[RosterRow] = []

    def _matcher(self) -> Matcher:
        own, reads_all = self.sender.own, self.sender.reads_all
        enrolled = self.enrollments
        rows = enrolled.rows if own is None or reads_all else enrolled.sent_by(own)
        return Matcher(rows, own, rows if reads_all else enrolled.formerly_of(own or ()))

    def plan(self, rows: Sequence[RosterRow], write: Write | None = None) -> list[RowPlan]:
        """The plans of the next rows, in the sheet's order.

        ``write`` carries them out before any further row is planned; a dry run, which has none,
        comes to the same plans.
        """
        plans = [RowPlan.of(row, self.heading) for row in rows]
        self.class_codes.check(plans)
        matched = [plan for plan in plans if not plan.is_rejected]
        self._plan_matched(matched)
        if write:
            write(plans)
        self.matcher.enter(
            [one.person_id for one in matched if one.is_new_person and one.person_id]
        )
        self.person_ids += [plan.person_id for plan in matched]
        self._note_who_is_listed(plans)
        return plans

    def _note_who_is_listed(self, plans: Sequence[RowPlan]) -> None:
        self._note_who_enters([plan for plan in plans if plan.enters_run])
        self._rejected += [plan.row for plan in plans if plan.is_rejected]
        self._candidates |= {one for plan in plans for one in plan.candidates}

    def _note_who_enters(self, plans: Sequence[RowPlan]) -> None:
        self.entering += len(plans)
        for plan in plans:
            if plan.row.values.email or (plan.trainee and plan.trainee.email):
                continue
            if plan.trainee is None:
                self._new_without_email += 1
            # Whether another agency's people have an address is not for the sender to know.
            elif self.sender.reads_all or not plan.is_foreign:
                self._known_without_email.append(plan.trainee.pk)

    def reach(self) -> Reach:
        """Who hears of it if the rows so far are imported."""
        known = Trainee.objects.filter(pk__in=in_list(self._known_without_email))
        found = reach_of(known.select_related("user"), [self.agency.pk])
        return Reach(self.entering, found.letters + self._new_without_email, found.coordinators)

    def missing(self) -> Missing:
        """Whom the sender nominated before, and no row so far names."""
        people = {*filter(None, self.person_ids), *self.first_row_of, *self._candidates}
        listed = {resolved(person, self.survivors) for person in people}
        unlisted = [
            one
            for one in sent_before(self.run, self.agency)
            if resolved(one.trainee_id, self.survivors) not in listed
        ]
        return missing_from(unlisted, rejected=self._rejected, is_own=self._is_own)

    def _is_own(self, trainee: Trainee) -> bool:
        own = self.sender.own
        is_own = own is None or (trainee.agency_id in own and trainee.pk not in self.survivors)
        return self.sender.reads_all or is_own

    def _plan_matched(self, plans: Sequence[RowPlan]) -> None:
        matches = self.matcher.match([plan.row.values for plan in plans])
        self.row_numbers += [plan.row.number for plan in plans]
        known = self._known([match.trainee.id for match in matches if match.trainee])
        for plan, match, digest in zip(plans, matches, self.matcher.digests, strict=True):
            plan.digest = digest
            if self._is_too_much(plan, match):
                plan.reject("full_name", "too_many_guesses", plan_messages.TOO_MANY_GUESSES)
            elif match is NEW:
                plan.result.outcome = Outcome.CREATED
                plan.enters_run = plan.is_new_person = True
            else:
                self._decide(plan, match, known, plans)
        visible = [plan for plan in plans if self.sender.reads_all or not plan.is_foreign]
        if not self.of_results:
            self._warn_of_conflicts([plan for plan in visible if plan.enters_run])
        self.emails.warn([plan for plan in visible if plan.is_new_person or plan.person_id])

    def _known(self, ids: Sequence[int]) -> _Known:
        later: set[int] = set()
        if ids and self.later_runs:
            live = Enrollment.objects.live().filter(run__in=self.later_runs)
            enrolled = live.filter(trainee__in=in_list(ids)).order_by()
            later = set(enrolled.values_list("trainee_id", flat=True))
        return _Known(self.enrollments.of(ids), later, self._agencies_of_survivors(ids))

    def _agencies_of_survivors(self, ids: Sequence[int]) -> dict[int, int]:
        last = {row: resolved(row, self.survivors) for row in ids if row in self.survivors}
        if not last:
            return {}
        rows = Trainee.objects.filter(pk__in=in_list(set(last.values()))).order_by()
        agencies = dict(rows.values_list("id", "agency_id"))
        return {row: agencies[survivor] for row, survivor in last.items()}

    # --- one row ---

    def _decide(self, plan: RowPlan, match: Match, known: _Known, part: Sequence[RowPlan]) -> None:
        if match.verdict in (Verdict.CONFLICT, Verdict.UNKNOWN_CODE):
            self._reject(plan, match)
        elif match.trainee is not None and self._lacks_birth_date(plan, match.trainee, known):
            plan.reject("birth", "birth_year_only", year_alone())
        elif match.repeats is not None:
            self._repeat(plan, self.row_numbers[match.repeats])
        elif match.trainee is not None:
            self._plan_known(plan, match.trainee, known)
        else:
            self._plan_new(plan, match, part)

    def _reject(self, plan: RowPlan, match: Match) -> None:
        limit = self.sender.limit
        if match.is_guess and limit and not limit.count(guess_digest(plan.row.values)):
            plan.reject("full_name", "too_many_guesses", plan_messages.TOO_MANY_GUESSES)
            return
        key = "trainee_code" if plan.row.values.trainee_code else "personal_number"
        if match.verdict == Verdict.UNKNOWN_CODE and self.sender.reads_all:
            plan.reject(key, "unknown_code", plan_messages.UNKNOWN_CODE)
        else:
            plan.reject(key, "conflict", plan_messages.CONFLICT)

    def _is_too_much(self, plan: RowPlan, match: Match) -> bool:
        """Whether the sender has guessed so often that no further such row is looked at.

        Neither are rows whose number nobody has: otherwise the refusal tells which ones exist.
        """
        limit, trainee = self.sender.limit, match.trainee
        if limit is None or match.verdict in (Verdict.CONFLICT, Verdict.UNKNOWN_CODE):
            return False  # counted where it is rejected
        if trainee is None:
            return bool(plan.digest) and limit.is_reached
        is_enrolled = trainee.id in self.matcher.already_enrolled
        return match.verdict == Verdict.FOREIGN and not is_enrolled and limit.is_reached

    def _lacks_birth_date(self, plan: RowPlan, trainee: Trainee, known: _Known) -> bool:
        values = plan.row.values
        is_bare = values.birth_year is not None and values.birth_date is None
        if not is_bare or self.bare_years:
            return False
        return trainee.birth_year is None and not self._is_foreign(trainee, known)

    def _repeat(self, plan: RowPlan, first_row: int) -> None:
        plan.result.outcome, plan.first_row = Outcome.UNCHANGED, first_row
        plan.warn("full_name", "repeated", plan_messages.REPEATED % {"first": first_row})

    def _plan_new(self, plan: RowPlan, match: Match, part: Sequence[RowPlan]) -> None:
        """Somebody new. That they are like another agency's person is for the office to know."""
        has_candidates = bool(match.candidates) and self.sender.reads_all
        is_candidate = match.verdict == Verdict.CANDIDATE or has_candidates
        plan.result.outcome = Outcome.CANDIDATE if is_candidate else Outcome.CREATED
        plan.enters_run = plan.is_new_person = True
        before = len(self.person_ids)
        entered = [self.person_ids[at] for at in match.candidate_rows if at < before]
        plan.candidates = (*match.candidates, *filter(None, entered))
        plan.candidate_plans = tuple(
            part[at - before] for at in match.candidate_rows if at >= before
        )
        if is_candidate:
            plan.warn("full_name", "candidate", plan_messages.CANDIDATE)

    def _plan_known(self, plan: RowPlan, trainee: Trainee, known: _Known) -> None:
        person_id = resolved(trainee.id, self.survivors)
        if person_id in self.first_row_of:
            self._repeat(plan, self.first_row_of[person_id])
            return
        self.first_row_of[person_id] = plan.row.number
        plan.trainee, plan.person_id = trainee, person_id
        plan.enters_run = person_id not in self.enrollments.people
        plan.is_foreign = self._is_foreign(trainee, known)
        if plan.is_foreign:
            self._plan_foreign(plan, trainee, known)
            return
        stay = () if plan.enters_run else self._update(plan, trainee, known)
        plan.changed = amend(trainee, plan.row.values, stay) | self._move(plan, trainee, known)
        writes = plan.changed or plan.update or plan.enters_run
        plan.result.outcome = Outcome.MATCHED if writes else Outcome.UNCHANGED

    def _plan_foreign(self, plan: RowPlan, trainee: Trainee, known: _Known) -> None:
        plan.asks = plan.enters_run and self._works_elsewhere(trainee, known)
        if plan.asks:
            plan.warn("full_name", "transfer_asked", plan_messages.TRANSFER_ASKED)
        if not plan.enters_run:
            seen = trainee if self.sender.reads_all else _UNKNOWN
            self._update_enrollment(plan, known.enrollments.get(trainee.id), seen)
        writes = plan.enters_run or plan.update
        plan.result.outcome = Outcome.MATCHED if writes else Outcome.UNCHANGED

    def _is_foreign(self, trainee: Trainee, known: _Known) -> bool:
        return self.matcher.is_foreign(trainee) or self._works_elsewhere(trainee, known)

    def _works_elsewhere(self, trainee: Trainee, known: _Known) -> bool:
        own = self.sender.own
        return own is not None and known.agency_of.get(trainee.id, trainee.agency_id) not in own

    def _update(self, plan: RowPlan, trainee: Trainee, known: _Known) -> Collection[str]:
        """Update the enrollment; returns the fields of the person that must stay as they are.

        The person's own record changes along only where it said the same as the enrollment and no
        later class is known: an old list sent again demotes nobody.
        """
        self._update_enrollment(plan, known.enrollments.get(trainee.id), trainee)
        if plan.update is None or trainee.id in known.sent_later:
            return _OF_ENROLLMENT
        before = plan.update.before.items()
        unchanged = {key for key, value in before if value == getattr(trainee, key, None)}
        return _OF_ENROLLMENT - unchanged

    def _update_enrollment(
        self, plan: RowPlan, enrollment: Enrollment | None, seen: Trainee
    ) -> None:
        """``seen`` is the person as far as the sender may know them."""
        if enrollment is None:  # in the class by a result on paper alone
            return
        texts = plan.row.values.texts
        if plan.row.values.trainee_code:
            self._warn_of_blanks(plan, shown_details(enrollment, seen))
        changes = changed_fields(enrollment, seen, texts)
        if not changes:
            return
        if refusal := self.enrollments.refusal(enrollment):
            plan.warn(next(iter(changes)), *refusal)
        else:
            plan.update = update_details(enrollment, changes)

    def _warn_of_blanks(self, plan: RowPlan, shown: Mapping[str, str]) -> None:
        """Whoever empties a cell of our own list means to delete it, but blanks erase nothing."""
        for key in self.details_in_file:
            if shown[key] and not plan.row.values.texts.get(key):
                plan.warn(key, "left_empty", plan_messages.LEFT_EMPTY)

    def _move(self, plan: RowPlan, trainee: Trainee, known: _Known) -> dict[str, Any]:
        """Nominated people work for the sender from now on, unless a later class says otherwise."""
        if not plan.enters_run or trainee.id in known.sent_later or self._works_below(trainee):
            return {}
        if moved := move(trainee, self.agency):
            plan.warn("full_name", "agency_changed", plan_messages.AGENCY_CHANGED)
            return moved
        return {}

    def _works_below(self, trainee: Trainee) -> bool:
        agency: int | None = trainee.agency_id
        while agency is not None and agency != self.agency.id:
            agency = self.parents.get(agency)
        return agency is not None

    def _warn_of_conflicts(self, plans: Sequence[RowPlan]) -> None:
        known = {plan.person_id: plan for plan in plans if plan.person_id}
        for one in self.conflicts.for_people(list(known)):
            known[one.trainee_id].warn("full_name", one.code, one.text)
        new = [plan for plan in plans if plan.person_id is None] if self.newcomers_conflicts else []
        for plan in new:
            for one in self.newcomers_conflicts:
                plan.warn("full_name", one.code, one.text)
