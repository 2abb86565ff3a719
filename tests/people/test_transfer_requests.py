import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.choices import Role
from agencies.choices import SuccessionKind
from common import clock
from people.errors import PeopleError
from people.models import Trainee, Transfer, TransferRequest
from people.services.corrections import transfer
from people.services.merges import merge
from people.services.privacy import begin_erasure, carry_on
from people.services.transfer_requests import (
    accept_transfer,
    ask_for_transfers,
    decline_transfer,
    withdraw_transfers,
)
from tests.factories import (
    make_agency,
    make_coordinator,
    make_succession,
    make_trainee,
    make_user,
)


@pytest.fixture
def former(db):
    return make_agency()


@pytest.fixture
def sender(db):
    return make_agency()


@pytest.fixture
def person(former):
    return make_trainee(former, full_name="Quách Thị Bí Mật", email="bi.mat@bo-a.example")


@pytest.fixture
def actor(sender):
    return make_coordinator(sender, language="en").as_actor()


def ask(by, agency, person, name="Quach Thi Bi Mat") -> TransferRequest:
    pk = ask_for_transfers(by=by, agency=agency, names={person.pk: name})[person.pk]
    return TransferRequest.objects.get(pk=pk)


def test_asking_changes_nothing_of_the_person(actor, sender, person):
    before = Trainee.objects.filter(pk=person.pk).values().get()
    ask(actor, sender, person)
    assert Trainee.objects.filter(pk=person.pk).values().get() == before
    assert not Transfer.objects.exists()


def test_an_agency_asks_once_for_a_person(actor, sender, person):
    ask(actor, sender, person)
    assert ask_for_transfers(by=actor, agency=sender, names={person.pk: "X"}) == {}
    with pytest.raises(IntegrityError), transaction.atomic():
        TransferRequest.objects.create(trainee=person, to_agency=sender, asked_by="x")


def test_both_agencies_and_the_person_are_mailed_each_in_their_language(
    actor, sender, former, person, mailoutbox
):
    make_coordinator(former, email="former@example.gov.vn", language="vi")
    ask(actor, sender, person)
    told = {letter.to[0]: letter for letter in mailoutbox}
    assert len(told) == 3
    assert "Quách Thị Bí Mật" in told["former@example.gov.vn"].body
    languages = {to: "đề nghị" in letter.body.lower() for to, letter in told.items()}
    assert languages.pop("former@example.gov.vn")
    assert languages.pop("bi.mat@bo-a.example")
    assert list(languages.values()) == [False]


def test_the_sender_reads_the_name_as_it_wrote_it_and_nothing_else(
    actor, sender, person, mailoutbox
):
    request = ask(actor, sender, person)
    decline_transfer(by=actor, request=request, reason="Not ours to give")
    letters = [letter for letter in mailoutbox if letter.to != [person.email]]
    assert len(letters) == 2
    for letter in letters:
        assert "Quach Thi Bi Mat" in letter.body
        for secret in (person.full_name, person.code, person.agency.name, person.email):
            assert secret not in letter.subject + letter.body


def test_a_long_list_is_one_message_to_each_coordinator(actor, sender, former, mailoutbox):
    make_coordinator(former)
    people = [make_trainee(former, full_name=f"Đỗ Văn {n}") for n in range(30)]
    ask_for_transfers(by=actor, agency=sender, names={p.pk: p.full_name for p in people})
    assert len(mailoutbox) == 2


def test_accepting_is_a_dated_move(actor, sender, former, person):
    request = accept_transfer(by=actor, request=ask(actor, sender, person))
    person.refresh_from_db()
    moved = Transfer.objects.get()
    assert (person.agency, request.state) == (sender, "accepted")
    assert (moved.from_agency, moved.to_agency, moved.moved_on) == (former, sender, clock.today())


def test_declining_needs_a_reason_and_moves_nobody(actor, sender, former, person):
    request = ask(actor, sender, person)
    with pytest.raises(PeopleError) as refused:
        decline_transfer(by=actor, request=request, reason="  ")
    assert refused.value.code == "reason_missing"
    declined = decline_transfer(by=actor, request=request, reason="Still here")
    person.refresh_from_db()
    assert (person.agency, declined.state, declined.reason) == (former, "declined", "Still here")


def test_a_settled_request_is_not_answered_again(actor, sender, person):
    request = decline_transfer(by=actor, request=ask(actor, sender, person), reason="No")
    with pytest.raises(PeopleError) as refused:
        accept_transfer(by=actor, request=request)
    assert refused.value.code == "request_settled"


def answerable(user) -> bool:
    return TransferRequest.objects.answerable_by(user).exists()


def test_the_former_agency_the_office_and_the_person_may_answer_and_nobody_else(
    actor, sender, former, person
):
    account = make_user(Role.TRAINEE)
    person.user = account
    person.save()
    ask(actor, sender, person)
    asked = {
        "former": make_coordinator(former),
        "office": make_user(Role.PROGRAMME_OFFICE),
        "person": account,
        "sender": make_coordinator(sender),
        "stranger": make_coordinator(make_agency()),
        "auditor": make_user(Role.AUDITOR),
        "trainer": make_user(Role.TRAINER),
    }
    may = {name for name, user in asked.items() if answerable(user)}
    assert may == {"former", "office", "person"}
    seen = {
        name for name, user in asked.items() if TransferRequest.objects.visible_to(user).exists()
    }
    assert seen == may | {"sender", "auditor"}


def test_whoever_moved_meanwhile_is_asked_of_the_agency_where_they_are_now(
    actor, sender, former, person
):
    third = make_agency()
    ask(actor, sender, person)
    transfer(by=actor, trainee=person, agency=third, on=clock.today())
    assert answerable(make_coordinator(third))
    assert not answerable(make_coordinator(former))


def test_whoever_came_by_another_way_has_come(actor, sender, person):
    request = ask(actor, sender, person)
    transfer(by=actor, trainee=person, agency=sender, on=clock.today())
    request.refresh_from_db()
    assert request.state == "accepted"


def test_of_a_merged_row_the_person_behind_it_moves(actor, sender, former, person):
    third = make_agency()
    survivor = make_trainee(third)
    request = ask(actor, sender, person)
    merge(by=actor, survivor=survivor, absorbed=person)
    assert answerable(make_coordinator(third))
    assert not answerable(make_coordinator(former))
    accept_transfer(by=actor, request=request)
    survivor.refresh_from_db()
    person.refresh_from_db()
    assert (survivor.agency, person.agency) == (sender, former)


def test_the_request_for_somebody_who_was_erased_lapses_and_forgets_the_name(actor, sender, person):
    request = ask(actor, sender, person)
    erasure = begin_erasure(by=actor, trainee=person)
    carry_on(erasure, by=actor)
    request.refresh_from_db()
    assert (request.state, request.name_as_sent) == ("lapsed", "")


def test_after_a_merger_the_successor_asks_instead_of_the_sender(actor, sender, person):
    successor = make_agency()
    request = ask(actor, sender, person)
    make_succession(sender, successor, on=clock.today() - dt.timedelta(days=1))
    accept_transfer(by=actor, request=request)
    person.refresh_from_db()
    assert person.agency == successor


def test_after_a_merger_the_successor_answers_for_the_former_agency(actor, sender, former, person):
    successor = make_agency()
    make_succession(former, successor, on=clock.today() - dt.timedelta(days=1))
    ask(actor, sender, person)
    assert answerable(make_coordinator(successor))


def test_after_a_split_of_the_sender_nobody_is_moved_to_what_is_gone(actor, sender, person):
    request = ask(actor, sender, person)
    yesterday = clock.today() - dt.timedelta(days=1)
    make_succession(sender, make_agency(), on=clock.today(), kind=SuccessionKind.SPLIT)
    sender.valid_to = yesterday
    sender.save()
    with pytest.raises(PeopleError) as refused:
        accept_transfer(by=actor, request=request)
    assert refused.value.code == "agency_not_valid"


def test_a_withdrawn_request_may_be_made_again(actor, sender, person):
    request = ask(actor, sender, person)
    assert withdraw_transfers(by=actor, ids=[request.pk]) == 1
    assert ask(actor, sender, person).pk != request.pk
