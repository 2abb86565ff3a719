"""Classes under way, classes to come, and cases that wait for a decision."""

import datetime as dt
import random
from dataclasses import dataclass

from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import Evidence
from enrollment.models import Completion
from enrollment.services.completion import void_completion
from lms.demo.cast import Cast
from lms.demo.classes import (
    Attendee,
    Hosts,
    attend,
    give_back,
    give_trainer,
    open_class,
    seat,
)
from lms.demo.plan import CENTRAL, CORPORATE, LOCAL, MIXED, PlannedRun
from lms.demo.story import Story, without_number
from people.services.bulk import enter_people
from people.services.merges import list_candidates


@dataclass(frozen=True, slots=True)
class _Current:
    """Days are counted from today."""

    course: str
    starts_in: int
    senders: tuple[str, ...]
    capacity: int
    people: int
    venue: str
    days: int = 0
    state: RunState = RunState.OPEN


_CURRENT = (
    _Current("AI-201", -6, MIXED, 20, 24, "Hà Nội", days=11, state=RunState.RUNNING),
    _Current("AI-102", -2, CENTRAL, 25, 18, "Đà Nẵng", days=8, state=RunState.RUNNING),
    _Current("AI-101", 12, LOCAL, 30, 21, "Hà Nội"),
    _Current("AI-104", 19, MIXED, 15, 21, "Trực tuyến"),
    _Current("AI-107", 27, CORPORATE, 25, 8, "TP. Hồ Chí Minh"),
    _Current("AI-202", 41, MIXED, 20, 0, "Hà Nội"),
    _Current("AI-103", 62, LOCAL, 25, 0, "Cần Thơ", state=RunState.DRAFT),
)


class Present:
    def __init__(self, story: Story) -> None:
        self.rng: random.Random = story.rng
        self.cast: Cast = story.cast
        self.hosts: Hosts = story.hosts
        self.today = story.today
        self.courses = story.courses

    def open_classes(self) -> list[CourseRun]:
        return [self._open(current, turn) for turn, current in enumerate(_CURRENT)]

    def _planned(self, current: _Current) -> PlannedRun:
        course = self.courses[current.course]
        starts_on = self.today + dt.timedelta(days=current.starts_in)
        if current.state != RunState.RUNNING:
            starts_on = on_working_days(starts_on, course.days)
        before = course.runs.filter(starts_on__year=starts_on.year).count()
        return PlannedRun(
            course=current.course,
            starts_on=starts_on,
            senders=current.senders,
            weight=0,
            venue=current.venue,
            evidence=Evidence.QR_CHECK_IN,
            number=before + 1,
        )

    def _open(self, current: _Current, turn: int) -> CourseRun:
        planned = self._planned(current)
        opened = min(self.today, planned.starts_on) - dt.timedelta(days=20)
        course, days = self.courses[current.course], current.days
        run = open_class(planned, course, current.capacity, opened, self.hosts, days=days)
        CourseRun.objects.filter(pk=run.pk).update(
            enrollment_opens_on=opened,
            enrollment_closes_on=planned.starts_on - dt.timedelta(days=3),
        )
        by = give_trainer(run, self.hosts, turn)
        with clock.set_to(opened + dt.timedelta(days=8)):
            attendees = self._attendees(planned, current.people)
            seat(run, attendees, self.hosts)
        with clock.set_to(opened + dt.timedelta(days=12)):
            if current.people > current.capacity:
                give_back(run, attendees[0], self.hosts)
        CourseRun.objects.filter(pk=run.pk).update(state=current.state)
        if current.state == RunState.RUNNING:
            attend(run, {p.trainee.pk for p in attendees}, planned.evidence, by, self.rng)
        return run

    def _attendees(self, planned: PlannedRun, people: int) -> list[Attendee]:
        if not people:
            return []
        day = self.today
        senders = self.cast.directory.choose(max(2, people // 5), day, planned.senders)
        known = self.cast.again(self.cast.trained, people // 6)
        attendees = [
            Attendee(sender, self.cast.somebody(sender, day, leader=False))
            for sender in self.rng.choices(senders, k=people - len(known))
        ]
        return attendees + [
            Attendee(self.cast.directory.carried(person.agency_id, day), person) for person in known
        ]

    # What people get wrong, and what became of it ---------------------------------------

    def meet_a_namesake(self) -> None:
        """A person without number who may be somebody known: an open candidate pair."""
        known = next((p for p in reversed(self.cast.trained) if p.birth_date), None)
        if known is not None:
            office, data = self.hosts.office, without_number(known)
            (again,) = enter_people(by=office, agency=known.agency, people=[data])
            list_candidates(by=office, pairs=[(known.pk, again.pk)])

    def void_a_result(self) -> None:
        """A repeated completion was somebody else's; the person still counts."""
        repeated = (
            Completion.objects.not_voided()
            .filter(completed_on__gte=dt.date(2025, 6, 1), enrollment__isnull=False)
            .filter(
                trainee__completions__completed_on__lt=dt.date(2025, 1, 1),
                trainee__completions__course_code__startswith="AI-",
            )
            .order_by("completed_on", "id")
            .first()
        )
        if repeated is not None:
            with clock.set_to(repeated.completed_on + dt.timedelta(days=40)):
                void_completion(
                    by=self.hosts.office,
                    completion=repeated,
                    reason="Ghi nhầm kết quả của người trùng họ tên",
                )


def on_working_days(day: dt.date, days: int) -> dt.date:
    """The day, or the Monday after it, from which ``days`` working days follow each other."""
    weekday = day.weekday()
    return day if weekday + days <= 5 else day + dt.timedelta(days=7 - weekday)
