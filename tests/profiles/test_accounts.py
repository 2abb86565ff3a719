import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Invitation, User
from accounts.services.invitations import address_of
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from people.errors import PeopleError
from people.models import Trainee
from people.services.accounts import letters_for, open_accounts
from people.services.merges import merge
from tests.factories import make_agency, make_coordinator, make_trainee, make_user
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"


@pytest.fixture
def agency():
    return make_agency("bo-a")


@pytest.fixture
def coordinator(client, agency):
    user = make_coordinator(agency)
    client.force_login(user)
    return user


def everyone() -> "list[Trainee]":
    return list(Trainee.objects.order_by("pk"))


@pytest.mark.both_engines
def test_people_with_an_address_are_mailed_and_the_others_named(agency):
    make_trainee(agency, email="an@x.vn"), make_trainee(agency)
    assert open_accounts(by=SYSTEM, trainees=everyone()) == (1, 1)
    user = User.objects.get(email="an@x.vn")
    assert user.roles == {Role.TRAINEE}
    assert user.trainee.email == "an@x.vn"
    assert [message.to for message in mail.outbox] == [["an@x.vn"]]


def test_nobody_gets_into_an_account_by_being_entered_with_its_address(agency):
    office = make_user(Role.PROGRAMME_OFFICE, email="office@x.vn")
    make_trainee(agency, email="Office@x.vn")
    assert open_accounts(by=SYSTEM, trainees=everyone()) == (0, 1)
    assert not Trainee.objects.filter(user=office).exists()
    assert mail.outbox == []


def test_no_letter_opens_an_account_with_other_roles(agency):
    official = make_user(Role.TRAINEE, Role.PROGRAMME_OFFICE)
    make_trainee(agency, user=official)
    with pytest.raises(PeopleError) as refused:
        letters_for(by=SYSTEM, trainees=everyone())
    assert refused.value.code == "other_roles"
    assert not Invitation.objects.exists()


def test_no_letter_takes_over_an_account_that_its_official_uses(client, coordinator, agency):
    official = make_user(Role.TRAINEE)
    trainee = make_trainee(agency, user=official)
    answer = client.post(reverse("print_letters"), {"code": trainee.code})
    assert answer["Content-Type"] != "application/pdf"
    assert not Invitation.objects.exists()
    assert User.objects.get(pk=official.pk).check_password("pw")


def test_whoever_comes_in_by_single_sign_on_uses_the_account_too(agency):
    official = make_user(Role.TRAINEE, last_login=clock.now())
    official.set_unusable_password()
    official.save()
    make_trainee(agency, user=official)
    with pytest.raises(PeopleError) as refused:
        letters_for(by=SYSTEM, trainees=everyone())
    assert refused.value.code == "in_use"


def test_an_unclaimed_link_gives_way_to_a_letter(agency):
    make_trainee(agency, email="an@x.vn")
    open_accounts(by=SYSTEM, trainees=everyone())
    assert len(letters_for(by=SYSTEM, trainees=everyone())) == 1


def test_whoever_has_no_mailbox_and_lost_the_password_gets_another_letter(agency):
    user = make_user(Role.TRAINEE, email=address_of("HV-7K3M9QXB"))
    make_trainee(agency, user=user)
    assert len(letters_for(by=SYSTEM, trainees=everyone())) == 1


def test_a_printed_letter_opens_the_account_and_its_own_data(client, coordinator, agency):
    trainee = make_trainee(agency, full_name="Quách Thị Ngọc Ánh")
    pdf = client.post(reverse("print_letters"), {"code": trainee.code})
    text = text_of(pdf.content)
    code = re.search(r"\b(\w{4}-\w{4}-\w{4})\b", text)
    assert code
    assert trainee.code in text
    assert "Quách Thị Ngọc Ánh" in text
    client.logout()
    posted = {"handle": trainee.code, "code": code[1], "password": PASSWORD, "again": PASSWORD}
    assert client.post(reverse("claim_by_code"), posted).status_code == 302
    client.post(reverse("account_login"), {"login": trainee.code, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(Trainee.objects.get().user_id)


def test_a_new_letter_ends_the_one_before(agency):
    make_trainee(agency)
    letters_for(by=SYSTEM, trainees=everyone())
    letters_for(by=SYSTEM, trainees=everyone())
    assert Invitation.objects.open().count() == 1


def test_letters_are_one_audit_entry_with_the_people_and_no_code(agency):
    trainee = make_trainee(agency)
    (letter,) = letters_for(by=SYSTEM, trainees=[trainee])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("letters_printed", {"trainees": [trainee.code]})
    assert letter.code not in str(entry.details)


def test_people_of_another_agency_are_neither_shown_nor_invited(client, coordinator):
    stranger = make_trainee(make_agency(), email="la@x.vn", full_name="Người Lạ")
    assert "Người Lạ" not in client.get(reverse("people_accounts")).content.decode()
    for route in ("invite_people", "print_letters"):
        client.post(reverse(route), {"code": stranger.code})
    assert not Trainee.objects.exclude(user=None).exists()
    assert mail.outbox == []


def test_who_has_an_account_is_left_out_until_searched_for(client, coordinator, agency):
    make_trainee(agency, user=make_user(Role.TRAINEE), full_name="Có Tài Khoản")
    make_trainee(agency, full_name="Chưa Có")
    shown = client.get(reverse("people_accounts")).content.decode()
    assert ("Chưa Có" in shown, "Có Tài Khoản" in shown) == (True, False)
    found = client.get(reverse("people_accounts"), {"q": "co tai khoan"}).content.decode()
    assert "Có Tài Khoản" in found


def test_choosing_nobody_shows_an_error(client, coordinator):
    answer = client.post(reverse("print_letters"), follow=True)
    assert answer.redirect_chain
    assert not Invitation.objects.exists()


def test_no_letter_opens_a_row_that_turned_out_to_be_another_agencys_person(
    client, coordinator, agency
):
    """Whoever signs in through one row reads all rows of the person."""
    double = make_trainee(agency)
    merge(by=SYSTEM, survivor=make_trainee(make_agency()), absorbed=double)
    client.force_login(coordinator)
    answer = client.post(reverse("print_letters"), {"code": [double.code]})
    client.post(reverse("invite_people"), {"code": [double.code]})
    assert answer.status_code == 302
    assert not User.objects.filter(trainee=double).exists()
    assert double.code not in client.get(reverse("people_accounts")).content.decode()


def test_a_double_of_ones_own_person_still_gets_a_letter(client, coordinator, agency):
    double = make_trainee(agency)
    merge(by=SYSTEM, survivor=make_trainee(agency), absorbed=double)
    client.force_login(coordinator)
    answer = client.post(reverse("print_letters"), {"code": [double.code]})
    assert answer["Content-Type"] == "application/pdf"
