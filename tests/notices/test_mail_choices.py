"""Which mail a reader does without: by the page of their account, or by the link in a reminder."""

import re

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import NO_MAILBOX, User
from common.mail_marks import mark
from notices.kinds import Importance, message_kinds
from notices.models import MutedKind, Notice, NoticeState
from notices.services.delivery import deliver_pending
from notices.services.mail_choices import link_to_stop, offered_kinds
from tests.factories import make_agency, make_coordinator, make_user
from tests.mail_server import mail_server

pytestmark = pytest.mark.django_db
SITE = "https://699.example.gov.vn"
PAGE = "/notifications/settings/"


@pytest.fixture(autouse=True)
def _outbox(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = SITE


def send(address: str, kind: str, **marks: object) -> Notice:
    mark(EmailMessage("Chủ đề", "Nội dung", to=[address]), kind=kind, **marks).send()
    return Notice.objects.latest("pk")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def path_to_stop(notice: Notice) -> str:
    return link_to_stop(notice).removeprefix(SITE)


# On the page --------------------------------------------------------------------------------


def test_a_kind_that_was_switched_off_is_not_mailed_but_stands_among_the_notifications():
    user = make_user(Role.TRAINEE)
    client_of(user).post(PAGE, {"mailed": []})
    notice = send(user.email, "class_reminder", is_personal=True)
    assert (notice.state, notice.account) == (NoticeState.UNMAILED, user)
    assert deliver_pending() == 0


def test_a_kind_that_was_switched_on_again_is_mailed():
    user = make_user(Role.TRAINEE)
    client = client_of(user)
    client.post(PAGE, {"mailed": []})
    client.post(PAGE, {"mailed": ["class_reminder"]})
    assert send(user.email, "class_reminder").state == NoticeState.PENDING


@pytest.mark.parametrize("kind", ["enrollment_rejected", "security", "", "no_such_kind"])
def test_decisions_and_messages_without_a_kind_cannot_be_switched_off(kind):
    user = make_user(Role.TRAINEE)
    client_of(user).post(PAGE, {"mailed": []})
    MutedKind.objects.create(account=user, kind=kind)
    assert send(user.email, kind).state == NoticeState.PENDING


def test_no_decision_is_offered_to_anybody():
    for role in Role:
        importances = {kind.importance for kind in offered_kinds(make_user(role))}
        assert Importance.DECISION not in importances
        assert importances


def test_a_made_up_kind_is_refused_with_a_sentence():
    user = make_user(Role.TRAINEE)
    answer = client_of(user).post(PAGE, {"mailed": ["enrollment_rejected"]})
    assert answer.status_code == 400
    assert not MutedKind.objects.exists()


def test_a_kind_for_coordinators_is_not_offered_to_trainees():
    trainee, coordinator = make_user(Role.TRAINEE), make_coordinator(make_agency())
    assert {kind.name for kind in offered_kinds(trainee)} == {
        "class_message",
        "class_reminder",
        "evaluation_open",
        "evaluation_reminder",
        "example_decided",
        "follow_up_asked",
        "follow_up_of_manager",
        "follow_up_reminder",
        "name_unconfirmed",
        "test_open",
        "test_reminder",
    }
    assert "agency_summary" in {kind.name for kind in offered_kinds(coordinator)}


def test_somebody_else_is_mailed_as_before():
    client_of(make_user(Role.TRAINEE)).post(PAGE, {"mailed": []})
    assert send(make_user(Role.TRAINEE).email, "class_reminder").state == NoticeState.PENDING


# By the link --------------------------------------------------------------------------------


def test_a_reminder_has_the_headers_of_rfc_8058_and_a_link_in_both_parts(settings):
    with mail_server(settings) as server:
        send("an@x.vn", "class_reminder")
        deliver_pending()
        message = server.messages[-1]
        link = re.search(r"\r\nList-Unsubscribe: <(https://\S+)>\r\n", server.raw[-1].decode())
    assert link
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body
        assert link[1] in body.get_content()
    assert "an@x.vn" not in link[1]


@pytest.mark.parametrize("kind", sorted(name for name, _kind in message_kinds))
def test_only_reminders_can_be_stopped_by_a_link(settings, kind):
    with mail_server(settings) as server:
        send("an@x.vn", kind)
        deliver_pending()
        message = server.messages[-1]
    is_reminder = message_kinds[kind].importance == Importance.REMINDER
    assert ("List-Unsubscribe" in message) == is_reminder
    text = message.get_body(("plain",))
    assert text
    assert ("/notifications/stop/" in text.get_content()) == is_reminder


def test_one_click_of_a_mail_program_stops_the_kind_for_an_address_without_an_account():
    notice = send("An@x.vn", "class_reminder")
    program = Client(enforce_csrf_checks=True)
    answer = program.post(path_to_stop(notice), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    send("an@X.VN", "class_reminder")
    assert Notice.objects.count() == 2
    assert Notice.objects.latest("pk").state == NoticeState.UNMAILED
    assert send("an@x.vn", "enrollment_rejected").state == NoticeState.PENDING
    assert send("binh@x.vn", "class_reminder").state == NoticeState.PENDING


def test_the_link_of_somebody_with_an_account_is_undone_on_their_page():
    user = make_user(Role.TRAINEE)
    Client().post(path_to_stop(send(user.email, "class_reminder")))
    assert MutedKind.objects.get().account == user
    client_of(user).post(PAGE, {"mailed": ["class_reminder"]})
    assert send(user.email, "class_reminder").state == NoticeState.PENDING


def test_a_trainee_whose_account_has_no_mailbox_stops_mail_at_their_own_address():
    user = make_user(Role.TRAINEE, email=f"hv-001{NO_MAILBOX}")
    Client().post(path_to_stop(send("own@x.vn", "class_reminder", account=user.pk)))
    assert send("own@x.vn", "class_reminder", account=user.pk).state == NoticeState.UNMAILED


def test_opening_the_link_changes_nothing_and_signs_nobody_in():
    notice = send(make_user(Role.TRAINEE).email, "class_reminder")
    client = Client()
    page = client.get(path_to_stop(notice))
    assert page.status_code == 200
    assert not MutedKind.objects.exists()
    assert client.get("/my/").status_code == 302
    content = page.content.decode()
    assert notice.recipient not in content
    assert notice.subject not in content


def test_a_second_press_is_harmless_and_the_page_takes_it_back():
    notice, client = send("an@x.vn", "class_reminder"), Client()
    client.post(path_to_stop(notice))
    client.post(path_to_stop(notice))
    assert MutedKind.objects.count() == 1
    client.post(path_to_stop(notice), {"again": "1"})
    assert not MutedKind.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["x", "1", "1:x", "1:" + "A" * 43, "ă" * 300, "%00"])
def test_a_guessed_link_is_answered_with_a_sentence(method, token):
    send("an@x.vn", "class_reminder")
    client = Client(headers={"Accept-Language": "vi"})
    answer = getattr(client, method)(f"/notifications/stop/{token}/")
    assert answer.status_code in {400, 404}
    assert not MutedKind.objects.exists()
    if answer.status_code == 404:
        assert "không còn hiệu lực" in answer.content.decode()


def test_the_link_of_a_message_that_was_deleted_is_answered_with_a_sentence():
    notice = send("an@x.vn", "class_reminder")
    path = path_to_stop(notice)
    notice.delete()
    assert Client().post(path).status_code == 404


def test_the_link_of_one_message_does_not_stop_another_kind():
    decision = send("an@x.vn", "enrollment_rejected")
    reminder = send("an@x.vn", "class_reminder")
    forged = path_to_stop(reminder).replace(f"/{reminder.pk}:", f"/{decision.pk}:")
    assert Client().post(forged).status_code == 404
    assert link_to_stop(decision) == ""
    assert reverse("unsubscribe", args=["x"]) == "/notifications/stop/x/"
    assert mail.outbox == []
