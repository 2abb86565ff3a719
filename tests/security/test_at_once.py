"""What must hold when two people do something about one row at the same moment."""

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.throttle import allows_guess
from people.choices import TransferState
from people.errors import PeopleError
from people.models import Merge, Trainee, Transfer, TransferRequest
from people.services.corrections import lock_trainee, transfer
from people.services.merges import merge
from people.services.privacy import begin_erasure, carry_on
from people.services.transfer_requests import (
    accept_transfer,
    ask_for_transfers,
    decline_transfer,
    withdraw_transfers,
)
from tests.factories import make_agency, make_trainee
from tests.security.at_once import at_once

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db(transaction=True)]


def test_a_request_has_one_answer_whoever_answers_at_once():
    person, agency = make_trainee(make_agency()), make_agency()
    ask_for_transfers(by=OFFICE, agency=agency, names={person.pk: "A"})
    request = TransferRequest.objects.get()

    def answer(how: str) -> str:
        try:
            if how == "accept":
                accept_transfer(by=OFFICE, request=request)
            elif how == "decline":
                decline_transfer(by=OFFICE, request=request, reason="Ở lại")
            else:
                return how if withdraw_transfers(by=OFFICE, ids=[request.pk]) else "settled"
        except PeopleError:
            return "settled"
        return how

    told = at_once(answer, ("accept", "decline", "withdraw", "accept"))
    (done,) = [one for one in told if one != "settled"]
    request.refresh_from_db()
    state = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}[done]
    assert request.state == state
    moved = Trainee.objects.get(pk=person.pk).agency_id == agency.pk
    assert moved == Transfer.objects.exists() == (done == "accept")


def test_two_requests_accepted_at_once_move_the_person_one_after_the_other():
    person, agencies = make_trainee(make_agency()), [make_agency(), make_agency()]
    for agency in agencies:
        ask_for_transfers(by=OFFICE, agency=agency, names={person.pk: "A"})
    requests = list(TransferRequest.objects.all())
    at_once(lambda request: accept_transfer(by=OFFICE, request=request), requests)
    first, last = Transfer.objects.order_by("pk")
    assert last.from_agency == first.to_agency
    assert Trainee.objects.get(pk=person.pk).agency == last.to_agency


def test_answering_and_moving_at_once_wait_for_each_other():
    """Each takes the person first and their requests then: neither is thrown out."""
    for _ in range(8):
        person, agency = make_trainee(make_agency()), make_agency()
        ask_for_transfers(by=OFFICE, agency=agency, names={person.pk: "A"})
        request = TransferRequest.objects.get(trainee=person)

        def act(how: str, request: TransferRequest = request) -> str:
            person, agency = request.trainee, request.to_agency
            try:
                if how == "accept":
                    accept_transfer(by=OFFICE, request=request)
                elif how == "erase":
                    carry_on(begin_erasure(by=OFFICE, trainee=person), by=OFFICE)
                else:
                    transfer(by=OFFICE, trainee=person, agency=agency, on=clock.today())
            except PeopleError as error:
                return error.code
            return ""

        told = at_once(act, ("accept", "move", "erase"))
        assert set(told) <= {"", "request_settled", "same_agency", "erased"}, told
        assert not TransferRequest.objects.pending().filter(trainee=person).exists()


def test_who_declines_does_not_wait_for_whoever_holds_the_person():
    """The answer is told to the person, in a row that refers to them: no lock in a circle."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer; the answers follow one another")
    person, agency = make_trainee(make_agency()), make_agency()
    ask_for_transfers(by=OFFICE, agency=agency, names={person.pk: "A"})
    request = TransferRequest.objects.get()

    def decline(_who: str) -> TransferRequest:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            return decline_transfer(by=OFFICE, request=request, reason="Ở lại")

    with transaction.atomic():
        lock_trainee(person)
        (declined,) = at_once(decline, ("coordinator",))
    assert declined.state == TransferState.DECLINED


def test_two_lists_at_once_ask_once_for_a_person():
    person, agency = make_trainee(make_agency()), make_agency()
    at_once(
        lambda name: ask_for_transfers(by=OFFICE, agency=agency, names={person.pk: name}),
        ("A", "B", "C"),
    )
    assert TransferRequest.objects.count() == 1


def test_merges_at_once_close_no_circle():
    """A circle would never end for whoever follows it."""
    for _ in range(5):
        one, two, three, four = (make_trainee() for _ in range(4))
        merge(by=OFFICE, survivor=two, absorbed=one)
        merge(by=OFFICE, survivor=four, absorbed=three)

        def join(pair: tuple[Trainee, Trainee]) -> bool:
            try:
                merge(by=OFFICE, survivor=pair[0], absorbed=pair[1])
            except PeopleError:
                return False
            return True

        assert sorted(at_once(join, ((three, two), (one, four)))) == [False, True]
    assert Merge.objects.count() == 15


def test_a_limit_that_expired_gives_no_slot_twice():
    """Rows of the cache whose time is over are still there until somebody asks for them."""
    for turn in range(10):
        whose = f"somebody {turn}"
        for _ in range(5):
            allows_guess("tries", whose, times=5, seconds=600)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE shared_cache SET expires = '2020-01-01 00:00:00'")

        def take(_number: int, whose: str = whose) -> bool:
            return allows_guess("tries", whose, times=5, seconds=600)

        told = at_once(take, range(12))
        assert told.count(True) == 5, turn
    cache.clear()
