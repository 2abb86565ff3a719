"""A figure comes out again for the instant printed beside it, whoever else is writing."""

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from agencies.choices import AgencyKind, SuccessionKind
from agencies.models import Agency
from agencies.services import record_succession, void_succession
from audit.services import PROGRAMME_OFFICE
from common import clock, record_time
from common.dates import parse_moment
from counting.asked import RECORD_TIMES, known_by
from counting.counter import counted
from counting.groups import groups
from counting.models import RuleCourse
from counting.output import instant_as_text
from counting.replay import GroupBy
from counting.services import adopt_rule
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.models import Completion
from enrollment.services.completion import record_from_paper, void_completion
from enrollment.services.split_assignments import assign_completions
from people.models import Merge, Trainee
from people.services.merges import merge, undo_merge
from targets.errors import TargetError
from targets.models import PeriodReport
from targets.progress.findings import findings
from tests.counting.makers import YEAR, make_letter, make_rule, sign
from tests.factories import make_agency, make_completion, make_course, make_run, make_trainee

JUNE = dt.date(2024, 6, 10)
WORDS: dict[str, Any] = {"sentence_vi": "Mỗi người một lần.", "sentence_en": "Each person once."}


def in_a_thread(work: Callable[[], Any]) -> threading.Thread:
    def do() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    return thread


@contextmanager
def under_way(action: Callable[[], Any]) -> Iterator[Callable[[], None]]:
    """An action of somebody else whose transaction is open; gives what commits it."""
    acted, go_on = threading.Event(), threading.Event()

    def do() -> None:
        with transaction.atomic():
            action()
            acted.set()
            go_on.wait(20)

    thread = in_a_thread(do)
    acted.wait(20)

    def commit() -> None:
        go_on.set()
        thread.join()

    try:
        yield commit
    finally:
        commit()


@dataclass
class World:
    run: CourseRun
    agencies: list[Agency]
    people: list[Trainee]
    split: Any = None


@pytest.fixture
def world() -> World:
    course = make_course("AI-101")
    make_rule([course])
    agencies = [make_agency(kind=AgencyKind.MINISTRY) for _ in range(6)]
    run = make_run(course, sessions=0, starts_on=JUNE, ends_on=JUNE)
    people = [make_trainee(agencies[n % 3]) for n in range(30)]
    for person in people[:10]:
        make_completion(person, run, completed_on=JUNE)
    split = record_succession(
        by=PROGRAMME_OFFICE, kind=SuccessionKind.SPLIT, on=dt.date(2024, 9, 1),
        predecessors=agencies[:1], successors=agencies[3:5],
    )  # fmt: skip
    return World(run, agencies, people, split)


def complete(world: World, person: Trainee) -> Completion:
    return record_from_paper(
        by=PROGRAMME_OFFICE, run=world.run, trainee=person, sending_agency=person.agency,
        completed_on=JUNE,
    )  # fmt: skip


def figure(known_as_of: str | None = None) -> tuple[str, Any]:
    """The instant as it is printed, and all that is said of the number beside it."""
    count = counted(known_as_of=parse_moment(known_as_of) if known_as_of else None)
    by_agency = [
        (one.key, one.persons, one.completions)
        for one in groups(count, GroupBy.AGENCY, as_it_is_today=True)
    ]
    assert sum(persons for _key, persons, _completions in by_agency) == count.persons
    answer = count.persons, count.completions, by_agency, count.rule and count.rule.version
    return instant_as_text(count.known_as_of), answer


ACTIONS: dict[str, Callable[[World], Any]] = {
    "completion": lambda world: complete(world, world.people[20]),
    "void": lambda world: void_completion(
        by=PROGRAMME_OFFICE, completion=Completion.objects.earliest("pk"), reason="by mistake"
    ),
    "merge": lambda world: merge(
        by=PROGRAMME_OFFICE, survivor=world.people[0], absorbed=world.people[1]
    ),
    "undo": lambda world: undo_merge(by=PROGRAMME_OFFICE, merge=Merge.objects.get()),
    "succession": lambda world: record_succession(
        by=PROGRAMME_OFFICE, kind=SuccessionKind.MERGER, on=dt.date(2024, 10, 1),
        predecessors=[world.agencies[1]], successors=[world.agencies[2]],
    ),
    "void of a succession": lambda world: void_succession(
        by=PROGRAMME_OFFICE, succession=world.split, reason="by mistake"
    ),
    "assignment": lambda world: assign_completions(
        by=PROGRAMME_OFFICE, succession=world.split, agency=world.agencies[3],
        completions=[Completion.objects.filter(sending_agency=world.agencies[0]).earliest("pk")],
    ),
    "rule": lambda world: adopt_rule(
        by=PROGRAMME_OFFICE, courses=[RuleCourse(course=world.run.course)], minimum_periods=400,
        reason="Decided so", **WORDS,
    ),
}  # fmt: skip


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_shown_during_an_action_comes_out_again_after_it(world, action):
    if action == "undo":
        merge(by=PROGRAMME_OFFICE, survivor=world.people[2], absorbed=world.people[3])
    counted()
    with under_way(partial(ACTIONS[action], world)) as commit:
        instant, shown = figure()
        commit()
    assert figure(instant) == (instant, shown)
    assert figure()[1] != shown


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_who_reads_does_not_wait_for_a_long_import_and_sees_what_is_finished(world):
    complete(world, world.people[15])  # a change that nobody has read yet
    with under_way(partial(complete, world, world.people[20])):
        started = time.monotonic()
        assert counted().persons == 11
        assert time.monotonic() - started < 2


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_sign_off_waits_for_what_is_being_recorded(world):
    letter = make_letter()
    signed: list[PeriodReport] = []
    with under_way(partial(complete, world, world.people[20])) as commit:
        thread = in_a_thread(lambda: signed.append(sign(clock.now(), letter)))
        thread.join(0.5)
        assert thread.is_alive()
        commit()
        thread.join()
    assert signed[0].persons == 11


@pytest.mark.django_db(transaction=True)
def test_sign_off_says_so_where_recording_takes_too_long(world, monkeypatch):
    def never(*, seconds: float) -> dt.datetime:
        raise TimeoutError

    monkeypatch.setattr(record_time, "wait_for_records", never)
    with pytest.raises(TargetError, check=lambda error: error.code == "records_under_way"):
        sign(letter=make_letter())


def test_everything_that_the_counter_reads_takes_its_record_time_in_order():
    for model, names in RECORD_TIMES.items():
        for name in names:
            given: Any = model._meta.get_field(name)
            assert given.null or given.default is record_time.now, f"{model.__name__}.{name}"
    counted_apps = {"agencies", "counting", "enrollment", "people"}
    found = {
        model
        for model in apps.get_models()
        if model._meta.app_label in counted_apps and hasattr(model._default_manager, "believed")
    }
    assert found - {apps.get_model("agencies.SuccessionLink")} <= RECORD_TIMES.keys()


@pytest.mark.django_db
def test_nobody_is_told_an_instant_that_is_still_to_come():
    tomorrow = clock.today() + dt.timedelta(days=1)
    assert known_by(tomorrow) <= clock.now()


# Many at once -----------------------------------------------------------------------------


@dataclass
class Traffic:
    """Writers and readers at once until so many figures have been read."""

    world: World
    readings: int
    found: list[tuple[str, Any]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def run(self) -> int:
        """How many figures differ when they are asked for again."""
        over = threading.Event()
        writers = [
            in_a_thread(partial(self._until, over, partial(self._write, n))) for n in range(3)
        ]
        readers = [in_a_thread(self._read) for _ in range(4)]
        for thread in readers:
            thread.join()
        over.set()
        for thread in writers:
            thread.join()
        assert self.errors == []
        return sum(figure(instant) != (instant, shown) for instant, shown in self.found)

    def _until(self, over: threading.Event, write: partial[None]) -> None:
        drawn = random.Random(write.args[0])
        while not over.is_set():
            try:
                with transaction.atomic():
                    write(drawn)
                    time.sleep(drawn.choice((0, 0.002, 0.02, 0.1)))
            except Exception as error:  # noqa: BLE001 - a thread must not die unseen
                self.errors.append(error)
                return
            time.sleep(0.004)

    def _read(self) -> None:
        while len(self.found) < self.readings and not self.errors:
            self.found.append(figure())
            time.sleep(0.001)

    def _write(self, writer: int, drawn: random.Random) -> None:
        mine = self.world.people[writer::3]
        person = drawn.choice(mine)
        valid = Completion.objects.not_voided().filter(trainee=person).first()
        merged = Merge.objects.not_undone().filter(absorbed__in=mine).first()
        match drawn.randrange(4):
            case 0 if merged:
                undo_merge(by=PROGRAMME_OFFICE, merge=merged)
            case 0 if person != mine[0]:
                merge(by=PROGRAMME_OFFICE, survivor=mine[0], absorbed=person)
            case 1 if valid and not valid.split_assignments.exists():
                if valid.sending_agency_id == self.world.agencies[0].pk:
                    assign_completions(
                        by=PROGRAMME_OFFICE, succession=self.world.split,
                        agency=self.world.agencies[3], completions=[valid],
                    )  # fmt: skip
            case 2 if writer == 0 and drawn.random() < 0.2:
                ACTIONS["rule"](self.world) if drawn.random() < 0.5 else adopt_rule(
                    by=PROGRAMME_OFFICE, courses=[RuleCourse(course=self.world.run.course)],
                    reason="Back again", **WORDS,
                )  # fmt: skip
            case _ if valid:
                void_completion(by=PROGRAMME_OFFICE, completion=valid, reason="by mistake")
            case _:
                with suppress(EnrollmentError):  # completed as whom they were merged into
                    complete(self.world, person)


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_figures_read_while_others_write_come_out_again(world):
    assert Traffic(world, 60).run() == 0


@pytest.mark.full
@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_a_thousand_figures_read_while_others_write_come_out_again(world):
    assert Traffic(world, 1000).run() == 0


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_reports_signed_while_others_write_come_out_again(world):
    letters = [make_letter(f"{number:02}/BC", clock.today()) for number in range(6)]

    def sign_all() -> None:
        for letter in letters:
            report = sign(clock.now(), letter, **YEAR)
            PeriodReport.objects.filter(pk=report.pk).update(
                reopened_at=clock.now(), reopen_reason="again"
            )

    traffic = Traffic(world, 10**6)
    over = threading.Event()
    writers = [
        in_a_thread(partial(traffic._until, over, partial(traffic._write, n))) for n in range(3)
    ]
    thread = in_a_thread(sign_all)
    thread.join()
    over.set()
    for writer in writers:
        writer.join()
    assert traffic.errors == []
    assert PeriodReport.objects.count() == len(letters)
    assert [one for one in findings() if one.code == "report_differs"] == []


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_an_empty_site_is_counted_while_somebody_writes():
    with under_way(lambda: make_agency(kind=AgencyKind.MINISTRY)):
        assert counted().persons == 0
