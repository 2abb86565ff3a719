"""Merges form no circle: not through the services, not beside them, not at once."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agencies.models import Agency
from agencies.services import correct_agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.errors import DomainError
from counting.counter import counted
from people.errors import PeopleError
from people.models import Merge, Trainee
from people.querysets import resolved, rows_of
from people.services.merges import merge, undo_merge
from tests.factories import make_agency, make_trainee

pytestmark = pytest.mark.both_engines


def merged(survivor: Trainee, absorbed: Trainee, **fields: object) -> Merge:
    """A row as it stands, without the service."""
    return Merge.objects.create(survivor=survivor, absorbed=absorbed, recorded_by="x", **fields)


@pytest.mark.django_db
@pytest.mark.parametrize("length", [2, 3, 4])
def test_the_database_itself_refuses_a_circle(length: int) -> None:
    people = [make_trainee() for _ in range(length)]
    for one, other in pairwise(people):
        merged(other, one)
    with pytest.raises(IntegrityError), transaction.atomic():
        merged(people[0], people[-1])


@pytest.mark.django_db
def test_the_database_refuses_a_circle_that_an_undo_taken_back_would_close() -> None:
    one, other = make_trainee(), make_trainee()
    undone = merged(one, other, undone_at=clock.now())
    merged(other, one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.filter(pk=undone.pk).update(undone_at=None)


@pytest.mark.django_db
def test_a_merge_is_undone_though_it_met_two_that_never_met_each_other() -> None:
    first, second, third = (make_trainee() for _ in range(3))
    start = clock.now() - dt.timedelta(days=10)
    with clock.set_to(start):
        lasting = merge(by=OFFICE, survivor=second, absorbed=first)
        short = merge(by=OFFICE, survivor=third, absorbed=second)
    with clock.set_to(start + dt.timedelta(days=1)):
        undo_merge(by=OFFICE, merge=short)
    with clock.set_to(start + dt.timedelta(days=2)):
        merge(by=OFFICE, survivor=first, absorbed=third)
    undo_merge(by=OFFICE, merge=lasting)
    assert rows_of(third.pk, Merge.objects.not_undone().survivor_by_absorbed())


@pytest.mark.django_db
def test_a_merge_of_a_clock_that_is_ahead_closes_no_circle_either() -> None:
    one, other = make_trainee(), make_trainee()
    with clock.set_to(clock.now() + dt.timedelta(minutes=5)):
        merge(by=OFFICE, survivor=one, absorbed=other)
    with pytest.raises(PeopleError) as refused:
        merge(by=OFFICE, survivor=other, absorbed=one)
    assert refused.value.code == "same_row"


@pytest.mark.django_db
def test_readers_end_on_a_circle_with_an_error_that_names_it() -> None:
    with pytest.raises(PeopleError) as refused:
        resolved(5, {5: 1, 1: 2, 2: 3, 3: 1})
    assert refused.value.code == "merge_circle"


@pytest.mark.django_db
def test_a_circle_of_an_older_database_is_named_by_its_codes(without_guards: None) -> None:
    people = [make_trainee() for _ in range(3)]
    for at, one in enumerate(people):
        merged(people[at - 1], one)
    with pytest.raises(PeopleError) as refused:
        rows_of(people[0].pk, Merge.objects.not_undone().survivor_by_absorbed())
    assert all(person.code in refused.value.message for person in people)


@pytest.fixture
def without_guards() -> None:
    """Within the transaction of the test: it ends with the trigger in place again."""
    with connection.cursor() as cursor:
        on_table = ' ON "people_merge"' if connection.vendor == "postgresql" else ""
        for event in ("insert", "update"):
            cursor.execute(f'DROP TRIGGER "merges_form_no_circle_{event}"{on_table}')


def at_once(actions: Sequence[Callable[[], object]]) -> list[str]:
    """Run all at the same moment, each in a thread of its own; returns the codes of refusals."""
    start, refusals = threading.Barrier(len(actions)), list[str]()

    def run(action: Callable[[], object]) -> None:
        start.wait()
        try:
            action()
        except DomainError as error:
            refusals.append(error.code)
        except IntegrityError:
            refusals.append("database")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return refusals


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("writers", [2, 3, 4])
@pytest.mark.parametrize("through", ["service", "rows"])
def test_merges_at_once_close_no_circle(writers: int, through: str) -> None:
    people = [make_trainee() for _ in range(writers)]

    def one_merge(at: int) -> Callable[[], object]:
        if through == "rows":
            return lambda: merged(people[at - 1], people[at])
        return lambda: merge(by=OFFICE, survivor=people[at - 1], absorbed=people[at])

    assert len(at_once([one_merge(at) for at in range(writers)])) == 1
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    assert len({resolved(person.pk, survivors) for person in people}) == 1
    counted()


@pytest.mark.django_db(transaction=True)
def test_parents_set_at_once_close_no_circle() -> None:
    agencies = [make_agency() for _ in range(3)]
    actions = [
        lambda at=at: correct_agency(by=OFFICE, agency=agencies[at], parent=agencies[at - 1])
        for at in range(3)
    ]
    assert at_once(actions) == ["above_itself"]
    first = Agency.objects.get(parent=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.filter(pk=first.pk).update(parent=Agency.objects.filter(parent=first).get())


class Circles(TestCase):
    """Whatever is merged and undone, in whichever order: everybody has one last row."""

    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), max_size=12))
    def test_any_merges_and_undos_leave_chains_that_end(
        self, steps: list[tuple[bool, int, int]]
    ) -> None:
        people = [make_trainee() for _ in range(5)]
        for undoes, one, other in steps:
            found = Merge.objects.not_undone().order_by("id")
            if not undoes:
                with suppress(PeopleError):
                    merge(by=OFFICE, survivor=people[one], absorbed=people[other])
            elif found:
                undo_merge(by=OFFICE, merge=found[one % len(found)])
        survivors = Merge.objects.not_undone().survivor_by_absorbed()
        for person in people:
            assert resolved(person.pk, survivors) not in survivors
