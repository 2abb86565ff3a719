"""Every class from May 2024 on that is over, in order."""

import datetime as dt
import math
import random
from collections.abc import Iterator

from agencies.models import Agency
from common import clock
from courses.models import Course, CourseRun
from enrollment.choices import Evidence
from enrollment.services.completion import last_day
from lms.demo.cast import Cast
from lms.demo.classes import (
    Attendee,
    Hosts,
    at,
    attend,
    finish,
    give_back,
    give_trainer,
    open_class,
    record_paper,
    seat,
)
from lms.demo.plan import NOT_COUNTED, PlannedRun, past_runs
from people.models import Trainee
from people.services.bulk import PersonData
from people.services.merges import merge

LEADERS_COURSE = "AI-101"
PEOPLE_PER_SENDER = 7
# In every so many classes more people are sent than there are seats.
CROWDED_EVERY = 9
WAITING = 3
DOUBLE_FROM = dt.date(2025, 8, 1)


class Story:
    def __init__(self, rng: random.Random, cast: Cast, hosts: Hosts, today: dt.date) -> None:
        self.rng = rng
        self.cast = cast
        self.hosts = hosts
        self.today = today
        self.courses = {course.code: course for course in Course.objects.all()}
        self.held: list[CourseRun] = []
        self.double: Trainee | None = None

    def hold_past_classes(self, people: int) -> Iterator[CourseRun]:
        """Hold every class that is over; ``people`` complete one that counts."""
        for turn, planned in enumerate(past_runs(people, self.today)):
            if planned.newcomers:
                yield self._hold(planned, turn)

    def _hold(self, planned: PlannedRun, turn: int) -> CourseRun:
        attendees = self._attendees(planned)
        if planned.evidence == Evidence.PAPER:
            run = self._hold_on_paper(planned, attendees)
        else:
            run = self._hold_in_class(planned, attendees, turn)
        self._remember(planned, attendees)
        self._find_double(run, attendees)
        self.held.append(run)
        return run

    def _hold_on_paper(self, planned: PlannedRun, attendees: list[Attendee]) -> CourseRun:
        course, on = self.courses[planned.course], planned.recorded_on or self.today
        attendees[:] = [attendee for attendee in attendees if attendee.completes]
        run = open_class(planned, course, _seats(len(attendees)), on, self.hosts)
        record_paper(run, attendees, on, self.hosts, last_day(run))
        finish(run, on + dt.timedelta(days=1), self.hosts.office)
        return run

    def _hold_in_class(
        self, planned: PlannedRun, attendees: list[Attendee], turn: int
    ) -> CourseRun:
        first, late = planned.starts_on, planned.recorded_on
        failing = next((attendee for attendee in attendees if not attendee.completes), None)
        crowded = turn % CROWDED_EVERY == 4 and failing is not None
        extra = [
            self._newcomer(planned, attendees[-1].sender, completes=False)
            for _ in range(WAITING if crowded else 0)
        ]
        capacity = len(attendees) - 1 if crowded else _seats(len(attendees))
        course = self.courses[planned.course]
        opened = late or first - dt.timedelta(days=35)
        run = open_class(planned, course, capacity, opened, self.hosts)
        with clock.set_to(at(late or first - dt.timedelta(days=18), 14, 30)):
            # Whoever would miss too much stands before the last, whom the waiting list takes.
            attendees.sort(key=lambda attendee: attendee.completes)
            if crowded:
                self._crowd(run, attendees, extra)
            else:
                seat(run, attendees, self.hosts)
        by = give_trainer(run, self.hosts, turn)
        completing = {attendee.trainee.pk for attendee in attendees if attendee.completes}
        with clock.set_to(at(late or last_day(run), 17, 30)):
            attend(run, completing, planned.evidence, by, self.rng)
        finish(run, (late or last_day(run)) + dt.timedelta(days=self.rng.randint(1, 8)), by)
        attendees += extra
        return run

    def _crowd(self, run: CourseRun, attendees: list[Attendee], extra: list[Attendee]) -> None:
        seat(run, attendees[:-1], self.hosts)
        seat(run, [attendees[-1]], self.hosts)
        seat(run, extra, self.hosts)
        give_back(run, attendees[0], self.hosts)

    def _double(self, planned: PlannedRun) -> list[Attendee]:
        # Once, a roster names somebody known without a number: a second row is entered.
        if self.double or planned.starts_on < DOUBLE_FROM or planned.evidence == Evidence.PAPER:
            return []
        self.double = next((p for p in self.cast.trained if p.personal_number_digest), None)
        if self.double is None:
            return []
        home = self.cast.directory.carried(self.double.agency_id, planned.starts_on)
        return [Attendee(home, without_number(self.double))]

    def _find_double(self, run: CourseRun, attendees: list[Attendee]) -> None:
        again = next((p.trainee for p in attendees if self._is_double(p.trainee)), None)
        if self.double is None or again is None:
            return
        self.cast.trained.remove(again)
        with clock.set_to(last_day(run) + dt.timedelta(days=20)):
            merge(
                by=self.hosts.office,
                survivor=self.double,
                absorbed=again,
                reason="Cùng một người: danh sách của lớp sau thiếu số định danh",
            )

    def _is_double(self, person: Trainee) -> bool:
        double = self.double
        return (
            double is not None
            and person.pk != double.pk
            and not person.personal_number_digest
            and (person.full_name, person.birth_date) == (double.full_name, double.birth_date)
        )

    # Who is in a class ------------------------------------------------------------------

    def _attendees(self, planned: PlannedRun) -> list[Attendee]:
        count = planned.newcomers
        counting = planned.course not in NOT_COUNTED
        returning = self.cast.again(self.cast.untrained, count // 12) if counting else []
        senders = self._senders(planned, count)
        repeating = self._trained_before(planned, senders, round(count * 0.16))
        fresh = [self._newcomer(planned, sender) for sender in senders[len(returning) :]]
        failing = [
            self._newcomer(planned, self.rng.choice(senders), completes=False)
            for _ in range(math.ceil(count * 0.06))
        ]
        known = [self._known(person, planned, senders) for person in returning + repeating]
        return [*fresh, *known, *self._double(planned), *failing]

    def _trained_before(
        self, planned: PlannedRun, senders: list[Agency], count: int
    ) -> list[Trainee]:
        trained, homes = self.cast.trained, {sender.pk for sender in senders}
        near = [
            person
            for person in trained
            if self.cast.directory.carried(person.agency_id, planned.starts_on).pk in homes
        ]
        chosen = self.cast.again(near, count)
        return chosen or self.cast.again(trained, min(1, count))

    def _senders(self, planned: PlannedRun, count: int) -> list[Agency]:
        chosen = self.cast.directory.choose(
            math.ceil(count / PEOPLE_PER_SENDER), planned.starts_on, planned.senders
        )
        return sorted((self.rng.choice(chosen) for _ in range(count)), key=lambda a: a.slug)

    def _newcomer(self, planned: PlannedRun, sender: Agency, *, completes: bool = True) -> Attendee:
        day = planned.starts_on
        leader = planned.course == LEADERS_COURSE
        return Attendee(sender, self.cast.somebody(sender, day, leader=leader), completes)

    def _known(self, person: Trainee, planned: PlannedRun, senders: list[Agency]) -> Attendee:
        # Sent by what their agency has become or, one in eight, by another agency.
        home = self.cast.directory.carried(person.agency_id, planned.starts_on)
        moved = self.rng.random() < 1 / 8
        return Attendee(self.rng.choice(senders) if moved else home, person)

    def _remember(self, planned: PlannedRun, attendees: list[Attendee]) -> None:
        trained, untrained = self.cast.trained, self.cast.untrained
        known = {person.pk for person in trained}
        for attendee in attendees:
            person = attendee.trainee
            if person.pk in known:
                continue
            if attendee.completes and planned.course not in NOT_COUNTED:
                trained.append(person)
                if person in untrained:
                    untrained.remove(person)
            elif person not in untrained:
                untrained.append(person)


def _seats(people: int) -> int:
    return max(5, 5 * math.ceil(people / 5))


def without_number(person: Trainee) -> PersonData:
    return PersonData(
        full_name=person.full_name,
        birth_date=person.birth_date,
        birth_year=person.birth_year,
        sex=person.sex,
        position=person.position,
        unit=person.unit,
    )
