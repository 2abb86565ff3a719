"""Questions whose SQL is kept: the same rows as the ORM's, for whoever may read them."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from common.prepared import Given, Number, Prepared, given_ids
from people.models import Trainee
from people.querysets import reader_of
from tests.factories import make_agency, make_coordinator, make_trainee, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@Prepared
def _people(letters: str) -> Any:
    born = Trainee.objects.filter(birth_date__gt=Given("after"), full_name__startswith=letters)
    return born.order_by("pk").values_list("full_name", "birth_date")


@Prepared
def _among() -> Any:
    return Trainee.objects.filter(pk__in=given_ids("rows")).order_by("pk").values_list("full_name")


@Prepared
def _nobody() -> Any:
    return Trainee.objects.none().values_list("pk")


@Prepared
def _visible(reader: Any) -> Any:
    return Trainee.objects.visible_to(reader).order_by("pk").values_list("pk")


def test_values_given_later_take_the_place_of_the_marks():
    make_trainee(full_name="An", birth_date=dt.date(1980, 1, 1))
    make_trainee(full_name="Ánh", birth_date=dt.date(1990, 1, 2))
    make_trainee(full_name="Bình", birth_date=dt.date(1990, 1, 1))
    assert _people("A", after=dt.date(1979, 12, 31)) == [("An", dt.date(1980, 1, 1))]
    assert _people("Á", after=dt.date(1990, 1, 1)) == [("Ánh", dt.date(1990, 1, 2))]
    assert _people("Á", after=dt.date(1990, 1, 2)) == []


def test_a_value_is_bound_and_never_part_of_the_statement():
    hostile = "x') OR 1=1 --%s"
    assert _people(hostile, after=dt.date(1900, 1, 1)) == []
    statement = _people.statement(connection.vendor, hostile)
    assert statement is not None
    assert hostile not in statement.sql


def test_ids_are_given_together_however_many():
    people = [make_trainee() for _person in range(3)]
    assert _among(rows=[]) == []
    assert _among(rows=[one.pk for one in people[1:]]) == [(p.full_name,) for p in people[1:]]


def test_what_no_row_can_answer_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert _nobody() == []


def test_rows_are_counted_without_groups():
    make_trainee(), make_trainee()
    everybody = Prepared(lambda: Trainee.objects.order_by().values_list(Number()))
    assert everybody() == [(Trainee.objects.count(),)]


def test_a_statement_is_built_once_for_the_same_arguments(monkeypatch):
    monkeypatch.undo()  # of the check that builds it again in every test
    built: list[str] = []

    @Prepared
    def ask(name: str) -> Any:
        built.append(name)
        return Trainee.objects.values_list("pk")

    ask("a"), ask("a"), ask("b"), ask.once("a")
    assert built == ["a", "b", "a"]


def test_a_question_that_depends_on_more_than_its_arguments_fails_every_test():
    reader = iter(["Lê", "Trần"])
    ask = Prepared(lambda: Trainee.objects.filter(full_name=next(reader)).values_list("pk"))
    with pytest.raises(AssertionError, match="more than its arguments"):
        ask()


def test_readers_see_what_their_users_see():
    """Office, coordinator, a coordinator who learns elsewhere, trainee, nobody."""
    own, other = make_agency(), make_agency()
    make_trainee(own), make_trainee(other)
    learner, elsewhere = make_user("trainee"), make_coordinator(own)
    make_trainee(other, user=learner), make_trainee(other, user=elsewhere)
    users = [make_user("programme_office"), make_coordinator(own), elsewhere, learner, make_user()]
    seen = [{row for (row,) in _visible(reader_of(user))} for user in users]
    assert seen == [
        set(Trainee.objects.visible_to(user).values_list("pk", flat=True)) for user in users
    ]
    assert [len(rows) for rows in seen] == [4, 1, 2, 1, 0]


def test_a_coordinator_who_loses_an_agency_reads_its_people_no_more():
    agency = make_agency()
    user = make_coordinator(agency)
    make_trainee(agency)
    assert len(_visible(reader_of(user))) == 1
    user.coordinatorships.all().delete()
    again = type(user).objects.get(pk=user.pk)
    assert _visible(reader_of(again)) == []
