"""Writing to a class on its page: number and text are seen before anything is sent."""

import html
import re

import pytest
from django.core.files.base import ContentFile

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from courses.models import Material
from enrollment.choices import EnrollmentState
from enrollment.forms import class_messages as forms
from enrollment.models import ClassMessage, Enrollment
from enrollment.services import class_messages as services
from notices.models import Notice, NoticeState
from people.models import Letter, Transfer
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db

NEW = "/runs/LOP-1/messages/new/"


@pytest.fixture
def run():
    return make_run(code="LOP-1")


@pytest.fixture
def agency():
    return make_agency("bo-mau")


@pytest.fixture
def people(run, agency):
    seated = make_trainee(agency, full_name="Lê Thị Hoa", email="hoa@example.gov.vn")
    waiting = make_trainee(agency, full_name="Trần Bình", email="")
    return [
        make_enrollment(run, seated),
        make_enrollment(run, waiting, state=EnrollmentState.WAITLISTED, waiting_number=1),
    ]


@pytest.fixture
def trainer(client, run):
    client.force_login(make_trainer(run, full_name="Đỗ Văn Giảng"))
    return client


def typed(client, **fields):
    """What somebody typed on the page as it was opened."""
    page = client.get(NEW).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    values = {"key": key[1], "states": ["enrolled", "waitlisted"], "subject": "Tài liệu"}
    return values | {"body": "Xin đọc, {full_name}."} | fields


def confirmed(client, page):
    """What the confirmation page sends, when its button is pressed."""
    text = page.content.decode()
    form = text[text.index('action="/runs/LOP-1/messages/new/"') :]
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(html.unescape(value))
    return client.post(NEW, sent | {"send": "1"})


def test_nothing_is_sent_before_the_number_and_one_real_message_were_seen(trainer, people):
    page = trainer.post(NEW, typed(trainer))
    text = page.content.decode()
    assert "Gửi thư này cho 2 người?" in text
    assert "Trần Bình" in text  # who has no address
    assert "Xin đọc, Trần Bình." in text  # first in roster order
    assert not ClassMessage.objects.exists()
    answer = confirmed(trainer, page)
    message = ClassMessage.objects.get()
    assert answer.headers["Location"] == f"/runs/LOP-1/messages/{message.pk}/"
    assert (Notice.objects.count(), Letter.objects.count()) == (1, 1)


def test_both_steps_carry_the_token_against_forged_requests(trainer, people):
    for page in (trainer.get(NEW), trainer.post(NEW, typed(trainer))):
        main = page.content.decode().partition("<main")[2]
        assert main.count("csrfmiddlewaretoken") == main.count("<form") == 1


def test_people_chosen_by_a_coordinator_stay_chosen_in_a_class_of_many(
    client, run, agency, people, monkeypatch
):
    monkeypatch.setattr(forms, "MOST_PEOPLE", 2)
    make_enrollment(run, make_trainee(full_name="Người Cơ Quan Khác"))
    client.force_login(make_coordinator(agency))
    page = client.post(NEW, typed(client, people=[people[0].pk]))
    assert "Người Cơ Quan Khác" not in page.content.decode()
    confirmed(client, page)
    assert [one.enrollment for one in ClassMessage.objects.get().recipients.all()] == people[:1]


def test_a_double_press_sends_once(trainer, people):
    page = trainer.post(NEW, typed(trainer))
    first, second = confirmed(trainer, page), confirmed(trainer, page)
    assert first.headers["Location"] == second.headers["Location"]
    assert Notice.objects.count() == 1


def test_going_back_after_sending_and_writing_another_text_sends_another_message(trainer, people):
    first = typed(trainer)
    confirmed(trainer, trainer.post(NEW, first))
    confirmed(trainer, trainer.post(NEW, first | {"subject": "Bổ sung"}))
    assert set(ClassMessage.objects.values_list("subject", flat=True)) == {"Tài liệu", "Bổ sung"}


def test_somebody_who_joined_in_between_is_counted_and_confirmed_again(trainer, people, run):
    page = trainer.post(NEW, typed(trainer))
    make_enrollment(run)
    again = confirmed(trainer, page)
    assert "Gửi thư này cho 3 người?" in again.content.decode()
    assert not ClassMessage.objects.exists()
    confirmed(trainer, again)
    assert ClassMessage.objects.get().people == 3


def test_the_text_can_be_changed_from_the_confirmation(trainer, people):
    page = trainer.post(NEW, typed(trainer) | {"edit": "1"}).content.decode()
    assert "Xin đọc, {full_name}." in page
    assert "<textarea" in page


def test_only_those_ticked_are_written_to_whatever_their_state(trainer, people):
    _seated, waiting = people
    page = trainer.post(NEW, typed(trainer, states=["enrolled"], people=[waiting.pk]))
    confirmed(trainer, page)
    assert ClassMessage.objects.get().recipients.get().enrollment == waiting


def test_by_state_only_people_of_that_state_are_written_to(trainer, people):
    confirmed(trainer, trainer.post(NEW, typed(trainer, states=["enrolled"])))
    assert ClassMessage.objects.get().recipients.get().enrollment == people[0]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("subject", "Tài liệu\r\nBcc: x@y.vn", "phải là một dòng"),
        ("body", "Chào {ten}", "{ten}"),
        ("subject", "x" * 201, "200"),
        ("states", [], "ít nhất một người"),
        ("body", "", "Hãy nhập"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(trainer, people, field, value, sentence):
    answer = trainer.post(NEW, typed(trainer) | {field: value, "send": "1", "agreed": "2"})
    assert answer.status_code == 400
    assert sentence in html.unescape(answer.content.decode())
    assert not ClassMessage.objects.exists()


def test_materials_of_another_class_and_people_of_another_class_are_refused(trainer, people):
    other = make_run()
    foreign = Material.objects.create(run=other, title="x", file=ContentFile(b"x", "x.pdf"))
    own = Material.objects.create(run=people[0].run, title="y", file=ContentFile(b"x", "y.pdf"))
    stranger = make_enrollment(other)
    for fields in ({"materials": [foreign.pk, own.pk]}, {"people": [stranger.pk]}):
        answer = trainer.post(NEW, typed(trainer) | fields | {"send": "1", "agreed": "2"})
        assert answer.status_code == 400
    assert not ClassMessage.objects.exists()


def test_attachments_that_are_too_large_are_refused_on_the_page(trainer, people, monkeypatch):
    monkeypatch.setattr(services, "MOST_ATTACHED", 3)
    large = Material.objects.create(
        run=people[0].run, title="y", file=ContentFile(b"xxxx", "y.pdf")
    )
    answer = trainer.post(NEW, typed(trainer, materials=[large.pk]))
    assert answer.status_code == 400
    assert "tối đa 3" in html.unescape(answer.content.decode()).replace("\xa0", " ")


def test_of_a_large_class_people_are_chosen_by_state_alone(trainer, people, monkeypatch):
    monkeypatch.setattr(forms, "MOST_PEOPLE", 1)
    assert 'name="people"' not in trainer.get(NEW).content.decode()


def test_a_coordinator_sees_and_counts_only_their_own_people(client, people, agency, run):
    make_enrollment(run, make_trainee(full_name="Người Nơi Khác"))
    client.force_login(make_coordinator(agency))
    page = client.get(NEW).content.decode()
    assert "Lê Thị Hoa" in page
    assert "Người Nơi Khác" not in page
    confirmation = client.post(NEW, typed(client))
    assert "cho 2 người" in confirmation.content.decode()


def test_a_trainer_does_not_see_what_a_coordinator_wrote(client, people, agency, run):
    client.force_login(make_coordinator(agency))
    sent = confirmed(client, client.post(NEW, typed(client))).headers["Location"]
    assert client.get(sent).status_code == 200
    client.force_login(make_trainer(run))
    assert client.get(sent).status_code == 404
    assert "Tài liệu" not in client.get("/runs/LOP-1/messages/").content.decode()
    auditor = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=auditor)
    client.force_login(auditor)
    assert client.get(sent).status_code == 200


def test_who_left_the_agency_is_named_no_more_to_its_coordinator(client, people, agency):
    client.force_login(make_coordinator(agency))
    sent = confirmed(client, client.post(NEW, typed(client))).headers["Location"]
    moved = people[0].trainee
    Transfer.objects.create(
        trainee=moved, from_agency=make_agency(), to_agency=make_agency(), moved_on="2026-01-01"
    )
    moved.agency = make_agency()
    moved.save()
    assert "Lê Thị Hoa" not in client.get(sent).content.decode()


def test_the_record_says_what_became_of_each_mail_without_addresses(trainer, people):
    sent = confirmed(trainer, trainer.post(NEW, typed(trainer))).headers["Location"]
    page = trainer.get(sent).content.decode()
    assert "chờ gửi" in page
    assert "thư giấy chờ in" in page
    Notice.objects.update(state=NoticeState.FAILED, last_error="550 <hoa@example.gov.vn> unknown")
    page = html.unescape(trainer.get(sent).content.decode())
    assert "550 … unknown" in page
    assert "hoa@example.gov.vn" not in page
    assert "Đỗ Văn Giảng" in page
    assert "Xin đọc, {full_name}." in page


def test_a_text_with_markup_is_shown_and_not_run(trainer, people):
    page = trainer.post(NEW, typed(trainer, body="<script>alert(1)</script>"))
    assert "<script>alert(1)" not in page.content.decode()
    sent = confirmed(trainer, page).headers["Location"]
    assert "<script>alert(1)" not in trainer.get(sent).content.decode()


def test_lines_of_a_text_survive_the_confirmation(trainer, people):
    confirmed(trainer, trainer.post(NEW, typed(trainer, body="Một\r\nHai\r\n\r\nBa")))
    assert ClassMessage.objects.get().body == "Một\nHai\n\nBa"


def test_the_page_of_a_class_leads_to_its_messages_and_to_no_mail_program(trainer, people):
    page = trainer.get("/runs/LOP-1/").content.decode()
    assert NEW in page
    assert "/runs/LOP-1/messages/" in page
    assert "mailto:" not in page
    assert "hoa@example.gov.vn" not in page


def test_the_office_may_write_to_any_class(client, people):
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    confirmed(client, client.post(NEW, typed(client)))
    assert ClassMessage.objects.get().sent_as == Role.PROGRAMME_OFFICE
    assert Enrollment.objects.count() == 2
