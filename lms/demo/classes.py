"""One class from opening to results, through the services, each at its own time."""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass

from agencies.models import Agency
from audit.services import Actor
from common import clock
from courses.choices import DecisionKind
from courses.models import Course, CourseRun, OfficialDecision, RunTrainer
from courses.services import open_run
from enrollment.choices import EnrollmentState, Evidence, Mark, TraineeKind
from enrollment.models import Enrollment
from enrollment.services.attendance import record_attendance, sessions_begun
from enrollment.services.completion import close_run, record_from_paper
from enrollment.services.details import details_of
from enrollment.services.enrollments import Nominee, nominate, withdraw
from enrollment.services.results import record_scan
from enrollment.sheets import SessionMark
from lms.demo.plan import PlannedRun
from lms.demo.scans import minutes_of_a_late_exam
from people.models import Trainee
from people.services.bulk import PersonData, enter_people, move, save_amended

_HANDED_IN_LATE = dt.timedelta(days=6)
_GUESTS = ("TS. Hoàng Minh Sơn", "PGS. TS. Trần Thị Kim Oanh", "ThS. Bùi Anh Tuấn")


@dataclass(slots=True)
class Attendee:
    """One person in a class: known or new, sent by which agency, and whether they complete it."""

    sender: Agency
    person: Trainee | PersonData
    completes: bool = True

    @property
    def trainee(self) -> Trainee:
        assert isinstance(self.person, Trainee)
        return self.person


@dataclass(slots=True)
class Hosts:
    office: Actor
    trainers: list[tuple[int, Actor]]


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=clock.HANOI)


def open_class(
    planned: PlannedRun,
    course: Course,
    capacity: int,
    on: dt.date,
    hosts: Hosts,
    *,
    days: int = 0,
) -> CourseRun:
    ends_on = planned.starts_on + dt.timedelta(days=(days or course.days) - 1)
    with clock.set_to(at(on, 9)):
        run = open_run(
            by=hosts.office,
            course=course,
            code=planned.code,
            starts_on=planned.starts_on,
            ends_on=ends_on,
            capacity=capacity,
            sessions=2 * course.days,
            venue=planned.venue,
        )
    decided_on = planned.starts_on - dt.timedelta(days=12)
    if decided_on <= clock.today():
        decide(run, DecisionKind.CLASS_OPENING, decided_on)
    return run


def decide(run: CourseRun, kind: DecisionKind, dated: dt.date) -> None:
    merged = dated >= dt.date(2025, 3, 1)
    ministry = "BKHCN" if merged else "BTTTT"
    number = 200 + dated.timetuple().tm_yday * 7 + run.pk % 7
    OfficialDecision.objects.create(
        run=run,
        kind=kind,
        number=f"{number}/QĐ-{ministry}",
        dated=dated,
        signer_name="Lê Thị Minh Hằng" if merged else "Trần Quốc Khải",
        signer_title="Vụ trưởng Vụ Tổ chức cán bộ",
    )


def give_trainer(run: CourseRun, hosts: Hosts, turn: int) -> Actor:
    """Add a trainer, sometimes with a guest speaker; returns who takes attendance."""
    user_id, actor = hosts.trainers[turn % len(hosts.trainers)]
    RunTrainer.objects.create(run=run, user_id=user_id)
    if turn % 4 == 0:
        RunTrainer.objects.create(run=run, guest_name=_GUESTS[turn // 4 % len(_GUESTS)])
    return actor


def seat(run: CourseRun, attendees: list[Attendee], hosts: Hosts) -> None:
    """Enter new people, transfer those who moved, nominate everybody agency by agency."""
    enter(attendees, hosts)
    moved = [(p.trainee, changed) for p in attendees if (changed := move(p.trainee, p.sender))]
    if moved:
        save_amended(by=hosts.office, amended=moved)
    for sender, sent in _by_sender(attendees).items():
        nominees = [
            Nominee(p.trainee.pk, details_of(p.trainee) | {"trainee_kind": _kind(p.trainee)})
            for p in sent
        ]
        nominate(by=hosts.office, run=run, sending_agency=sender, nominees=nominees)


def _kind(person: Trainee) -> TraineeKind:
    """What rosters say; lists of results on paper are silent."""
    is_engineer = person.position.startswith("Kỹ sư")
    return TraineeKind.EXPERT if is_engineer else TraineeKind.OFFICIAL


def enter(attendees: list[Attendee], hosts: Hosts) -> None:
    for sender, sent in _by_sender(attendees).items():
        fresh = [attendee for attendee in sent if isinstance(attendee.person, PersonData)]
        if fresh:
            people = [
                attendee.person for attendee in fresh if isinstance(attendee.person, PersonData)
            ]
            entered = enter_people(by=hosts.office, agency=sender, people=people)
            for attendee, trainee in zip(fresh, entered, strict=True):
                attendee.person = trainee


def _by_sender(attendees: list[Attendee]) -> dict[Agency, list[Attendee]]:
    found: dict[Agency, list[Attendee]] = defaultdict(list)
    for attendee in attendees:
        found[attendee.sender].append(attendee)
    return found


def give_back(run: CourseRun, attendee: Attendee, hosts: Hosts) -> None:
    enrollment = Enrollment.objects.get(run=run, trainee=attendee.trainee)
    withdraw(by=hosts.office, enrollment=enrollment, reason="Bận công tác đột xuất")


def attend(
    run: CourseRun, completing: set[int], evidence: str, by: Actor, rng: random.Random
) -> None:
    # Those who are to complete miss at most a fifth, the others more.
    sessions = list(sessions_begun(run).values_list("id", flat=True))
    marks: list[SessionMark] = []
    seated = run.enrollments.filter(state=EnrollmentState.ENROLLED).order_by("id")
    for enrollment_id, trainee_id in seated.values_list("id", "trainee_id"):
        completes = trainee_id in completing
        for session_id, mark in zip(sessions, _marks(len(sessions), completes, rng), strict=True):
            marks.append(SessionMark(enrollment_id, session_id, mark))
    record_attendance(by=by, run=run, marks=marks, evidence=Evidence(evidence))


def _marks(sessions: int, completes: bool, rng: random.Random) -> list[str]:
    allowed = sessions // 5
    if completes:
        missed = rng.choice((0, 0, 0, allowed))
    else:
        missed = min(sessions, rng.randint(allowed + 1, allowed + 2))
    absent = set(rng.sample(range(sessions), missed))
    return [
        rng.choice((Mark.ABSENT, Mark.EXCUSED))
        if number in absent
        else rng.choices((Mark.PRESENT, Mark.LATE), weights=(14, 1))[0]
        for number in range(sessions)
    ]


def finish(run: CourseRun, on: dt.date, by: Actor) -> None:
    with clock.set_to(at(on, 16, 20)):
        close_run(by=by, run=run)
    decide(run, DecisionKind.RECOGNITION, on + dt.timedelta(days=2))


def record_paper(
    run: CourseRun,
    attendees: list[Attendee],
    on: dt.date,
    hosts: Hosts,
    completed_on: dt.date,
) -> None:
    """Record results of a class that only a paper list knows; one newcomer's came after it."""
    newcomers = [attendee for attendee in attendees if isinstance(attendee.person, PersonData)]
    with clock.set_to(at(on, 10)):
        enter(attendees, hosts)
        scan = record_scan(by=hosts.office, run=run, content=minutes_of_a_late_exam(), name="s.png")
        for attendee in attendees:
            is_late = attendee in newcomers[-1:]
            record_from_paper(
                by=hosts.office,
                run=run,
                trainee=attendee.trainee,
                sending_agency=attendee.sender,
                completed_on=completed_on + _HANDED_IN_LATE * is_late,
                paper=scan if is_late else None,
                reason="Nộp bài tập cuối khóa sau lớp do đi công tác" if is_late else "",
            )
