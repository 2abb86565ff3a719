import pytest
from django.urls import reverse

from accounts.choices import Role
from people.models import Trainee, TransferRequest
from tests.factories import make_agency, make_coordinator, make_trainee, make_user


@pytest.fixture
def asked(db):
    person = make_trainee(make_agency(name_vi="Bộ Đương nhiệm"), full_name="Quách Thị Bí Mật")
    return TransferRequest.objects.create(
        trainee=person,
        to_agency=make_agency(name_vi="Bộ Cử Đi"),
        name_as_sent="Quach Thi Bi Mat",
        asked_by="test",
    )


def page(client, user, name="transfer_requests", query=""):
    client.force_login(user)
    return client.get(reverse(name) + query).content.decode()


def test_the_former_agency_sees_the_person_and_may_answer(asked, client):
    text = page(client, make_coordinator(asked.trainee.agency))
    assert "Quách Thị Bí Mật" in text
    assert reverse("accept_transfer", args=[asked.pk]) in text
    assert reverse("decline_transfer", args=[asked.pk]) in text


def test_the_sender_sees_the_name_as_sent_and_the_state_and_may_withdraw(asked, client):
    text = page(client, make_coordinator(asked.to_agency))
    assert "Quach Thi Bi Mat" in text
    for hidden in ("Quách Thị Bí Mật", asked.trainee.code, "Bộ Đương nhiệm"):
        assert hidden not in text
    assert reverse("withdraw_transfer", args=[asked.pk]) in text
    assert reverse("accept_transfer", args=[asked.pk]) not in text


def test_an_agency_that_neither_asks_nor_is_asked_sees_no_request(asked, client):
    text = page(client, make_coordinator(make_agency()))
    assert [name for name in ("Bộ Cử Đi", "Quach Thi Bi Mat") if name in text] == []


def test_the_sender_reads_why_it_was_declined(asked, client):
    client.force_login(make_coordinator(asked.trainee.agency))
    client.post(reverse("decline_transfer", args=[asked.pk]), {"reason": "Vẫn công tác tại Bộ"})
    text = page(client, make_coordinator(asked.to_agency), query="?settled")
    assert "Vẫn công tác tại Bộ" in text


def test_people_find_the_request_on_their_own_page_and_accept_there(asked, client):
    account = make_user(Role.TRAINEE)
    Trainee.objects.filter(pk=asked.trainee_id).update(user=account)
    assert "Bộ Cử Đi" in page(client, account, "my")
    client.post(reverse("accept_transfer", args=[asked.pk]))
    asked.refresh_from_db()
    asked.trainee.refresh_from_db()
    assert (asked.state, asked.trainee.agency) == ("accepted", asked.to_agency)


def test_a_coordinators_own_page_shows_how_many_requests_wait(asked, client):
    for agency, waiting in ((asked.trainee.agency, 1), (asked.to_agency, 0)):
        client.force_login(make_coordinator(agency))
        queue = client.get(reverse("my")).context["coordinator"]["queue"]
        lines = [line for line in queue.waiting if line.href == reverse("transfer_requests")]
        assert sum(line.count for line in lines) == waiting


def test_nobody_reads_that_people_came_from_the_agency_that_they_went_to(asked, client):
    client.force_login(make_coordinator(asked.trainee.agency))
    client.post(reverse("accept_transfer", args=[asked.pk]))
    text = page(client, make_coordinator(asked.to_agency), query="?settled")
    assert asked.trainee.code in text
    assert f'<span class="beneath">{asked.to_agency.name}</span>' not in text
