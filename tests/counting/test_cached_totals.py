"""The cached totals: updated by whoever asks, never past what is on record, never twice."""

import datetime as dt
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.services import PROGRAMME_OFFICE
from common import clock
from counting.cache import rebuild_cache
from counting.cached_count import CachedCount, clear_cache
from counting.counter import counted
from counting.models import CachedCompletion, CachedTotal, CacheState, CountingRule
from counting.replay import GroupBy
from people.models import PendingChange
from people.services.merges import merge
from targets.progress import milestones, reconcile
from tests.counting.makers import make_indicator, make_rule
from tests.factories import make_agency, make_completion, make_course, make_run, make_trainee

pytestmark = pytest.mark.django_db

JUNE, JULY = dt.date(2024, 6, 10), dt.date(2024, 7, 10)


@pytest.fixture
def run():
    course = make_course("AI-101")
    make_rule([course])
    return make_run(course, sessions=0)


def complete(run, day=JUNE, **fields):
    return make_completion(make_trainee(), run, completed_on=day, **fields)


def is_cached(count):
    return isinstance(count, CachedCount)


# What the cache covers --------------------------------------------------------------------


def test_what_is_believed_now_comes_from_the_cache(run):
    complete(run)
    assert (is_cached(counted()), counted().persons) == (True, 1)


def test_a_belief_before_the_last_record_is_replayed(run):
    complete(run, JUNE)
    complete(run, JULY)
    believed_in_june = counted(known_as_of=JUNE)
    assert (is_cached(believed_in_june), believed_in_june.persons) == (False, 1)
    assert is_cached(counted(known_as_of=JULY))


def test_an_older_version_of_the_rule_is_replayed(run):
    complete(run)
    older = CountingRule.objects.get()
    make_rule([run.course], on=JULY, reason="longer courses", minimum_periods=40)
    assert (is_cached(counted()), counted().persons) == (True, 0)
    assert (is_cached(counted(rule=older)), counted(rule=older).persons) == (False, 1)
    assert CacheState.objects.get().rule != older


def test_any_day_is_the_sum_of_years_months_and_days(run):
    for day in ("2023-12-31", "2024-01-01", "2024-05-31", "2024-06-01", "2024-06-10"):
        complete(run, dt.date.fromisoformat(day))
    days = ("2023-12-30", "2023-12-31", "2024-01-01", "2024-05-31", "2024-06-01", "2024-06-30")
    counts = [counted(dt.date.fromisoformat(day)) for day in days]
    assert [count.persons for count in counts] == [0, 1, 2, 3, 4, 5]
    assert all(map(is_cached, counts))
    assert counted(dt.date.max).persons == 5


def test_a_count_keeps_its_answers_when_the_cache_changes(run):
    make_indicator(d2024_12_31=2)
    first = complete(run)
    before = counted()
    complete(run, recorded_at=clock.now())
    merge(by=PROGRAMME_OFFICE, survivor=make_trainee(), absorbed=first.trainee)
    assert counted().persons == 2
    assert [person.first.id for person in before.people] == [first.pk]
    assert [part.persons for part in before.parts(GroupBy.AGENCY).values()] == [1]
    assert [(one.persons, one.met_on) for one in milestones(before)] == [(1, None)]


# Updating the cache ------------------------------------------------------------------------


def test_asking_again_when_nothing_is_new_writes_nothing(run, django_assert_num_queries):
    complete(run)
    counted()
    version = CacheState.objects.get().version
    with django_assert_num_queries(2):
        counted()
    assert CacheState.objects.get().version == version


def test_applied_changes_are_deleted(run):
    complete(run)
    assert PendingChange.objects.exists()
    counted()
    assert not PendingChange.objects.exists()


def test_many_changes_at_once_rebuild_the_cache(run, monkeypatch):
    counted()
    monkeypatch.setattr("counting.cache.REBUILD_FROM", 2)
    complete(run)
    complete(run)
    assert counted().persons == 2
    assert not PendingChange.objects.exists()


@pytest.mark.both_engines
def test_nobody_can_be_cached_as_counted_twice(run):
    again = complete(run)
    complete(run)
    counted()
    first = CachedCompletion.objects.exclude(pk=again.pk).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        CachedCompletion.objects.filter(pk=again.pk).update(person=first.person)


def test_reconcile_finds_cached_totals_that_were_tampered_with(run):
    complete(run)
    assert reconcile().unexplained == []
    CachedTotal.objects.update(persons=2)
    clear_cache()
    assert counted().persons == 2
    assert "cached_totals" in [finding.code for finding in reconcile().unexplained]
    rebuild_cache()
    assert (counted().persons, reconcile().unexplained) == (1, [])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite locks the whole file")
def test_a_database_that_takes_no_writes_still_answers(run):
    complete(run)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        try:
            count = counted()
        finally:
            cursor.execute("PRAGMA query_only = OFF")
    assert (is_cached(count), count.persons) == (False, 1)


# Several at once --------------------------------------------------------------------------


def in_a_thread(work: Callable[[], Any]) -> threading.Thread:
    def do() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    return thread


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_is_applied_though_its_number_is_smaller():
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: nobody commits late")
    course = make_course("AI-101")
    make_rule([course])
    run = make_run(course, sessions=0)
    early, late = make_trainee(), make_trainee()
    counted()
    written, go_on = threading.Event(), threading.Event()

    def hesitate() -> None:
        with transaction.atomic():
            make_completion(late, run, completed_on=JUNE)
            written.set()
            go_on.wait(10)

    thread = in_a_thread(hesitate)
    written.wait(10)
    make_completion(early, run, completed_on=JUNE)
    assert counted().persons == 1
    go_on.set()
    thread.join()
    assert counted().persons == 2


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_visitors_who_ask_at_once_apply_every_change_once():
    course = make_course("AI-101")
    make_rule([course])
    run, agency = make_run(course, sessions=0), make_agency()
    people = [make_trainee(agency) for _ in range(24)]

    def complete_and_ask(part) -> None:
        for person in part:
            make_completion(person, run, completed_on=JUNE)
            counted()

    threads = [in_a_thread(partial(complete_and_ask, people[n::4])) for n in range(4)]
    for thread in threads:
        thread.join()
    assert counted().persons == len(people)
    with clock.set_to(clock.now()):
        assert reconcile().unexplained == []
