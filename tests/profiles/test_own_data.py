import datetime as dt
import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from common.working_days import working_days_after
from people.errors import PeopleError
from people.models import DataRequest, Erasure, Holiday, Trainee
from people.services.data_requests import answer, ask
from tests.architecture.world import make_certificate
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_user
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db
NUMBER = "001080000123"


@pytest.fixture
def person() -> Trainee:
    cache.clear()
    user = make_user(Role.TRAINEE, email="an@example.gov.vn")
    return make_trainee(
        user=user, full_name="Lê An", personal_number=NUMBER, email="an@example.gov.vn"
    )


def client_of(user: User | None) -> Client:
    client = Client()
    assert user
    client.force_login(user)
    return client


def office() -> Client:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return client_of(user)


def test_a_person_sees_the_data_of_every_app(person: Trainee) -> None:
    run = make_run(code="AI-CUA-TOI")
    place = make_enrollment(run, person)
    make_certificate(make_completion(person, run, enrollment=place))
    page = client_of(person.user).get(reverse("my_data")).content.decode()
    for said in ("Lê An", "AI-CUA-TOI", "0001/2026/AI", "*********123"):
        assert said in page
    assert NUMBER not in page


def test_nobody_is_shown_another_persons_data(person: Trainee) -> None:
    other = make_trainee(user=make_user(Role.TRAINEE), full_name="Trần Bình")
    page = client_of(other.user).get(reverse("my_data")).content.decode()
    assert "Trần Bình" in page
    assert "Lê An" not in page


def test_the_json_has_the_number_and_is_audited(person: Trainee) -> None:
    answered = client_of(person.user).get(reverse("my_data_file", args=["json"]))
    whole = json.loads(answered.content)
    assert whole["trainee_code"] == person.code
    assert whole["person"][0]["personal_number"] == NUMBER
    entry = AuditEntry.objects.get(action="own_data_exported")
    assert entry.details["form"] == "json"
    assert "no-store" in answered["Cache-Control"]


def test_the_pdf_reads_as_the_page_does(person: Trainee) -> None:
    from common.pdf_text import read_text

    answered = client_of(person.user).get(reverse("my_data_file", args=["pdf"]))
    read = read_text(answered.content)
    assert read
    assert "Lê An" in read.text
    assert NUMBER in read.text


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-23", "2026-11-25"),  # Monday
        ("2026-11-26", "2026-11-30"),  # Thursday: over the weekend
        ("2026-11-28", "2026-12-01"),  # Saturday
        ("2026-04-29", "2026-05-05"),  # over 30/4, 1/5 and the weekend
        ("2026-02-13", "2026-02-24"),  # over Tết, as the office entered it
    ],
)
def test_the_reply_is_due_within_two_working_days(person, asked, due) -> None:
    tet = dt.date(2026, 2, 16)
    Holiday.objects.bulk_create(
        Holiday(day=tet + dt.timedelta(days=n), name="Tết") for n in range(5)
    )
    with clock.set_to(dt.date.fromisoformat(asked)):
        request = ask(by=PROGRAMME_OFFICE, trainee=person, kind="access")
    assert request.reply_by == dt.date.fromisoformat(due)


def test_a_term_of_no_days_ends_at_once() -> None:
    assert working_days_after(dt.date(2026, 11, 22), 0) == dt.date(2026, 11, 22)


def test_a_request_is_received_once(person: Trainee) -> None:
    client = client_of(person.user)
    sent = {"kind": "correct", "text": "Sai ngày sinh: đúng là 02/02/1980"}
    assert client.post(reverse("my_data"), sent).status_code == 302
    assert client.post(reverse("my_data"), sent).status_code == 400
    assert DataRequest.objects.get().text == sent["text"]


@pytest.mark.parametrize(
    "sent",
    [{}, {"kind": "correct"}, {"kind": "anything"}, {"kind": "access", "text": "x" * 2001}],
)
def test_a_request_without_a_kind_or_text_is_refused(person: Trainee, sent) -> None:
    assert client_of(person.user).post(reverse("my_data"), sent).status_code == 400
    assert not DataRequest.objects.exists()


def test_what_came_on_paper_is_recorded_and_its_clock_runs_from_its_day() -> None:
    person, monday = make_trainee(), dt.date(2026, 3, 2)
    with clock.set_to(dt.date(2026, 3, 4)):
        answer = office().post(
            reverse("record_request", args=[person.code]),
            {"kind": "access", "received_on": monday.isoformat(), "text": "Đơn ngày 27/2/2026"},
        )
    asked = DataRequest.objects.get(trainee=person)
    assert answer["Location"] == reverse("data_request", args=[asked.pk])
    assert (asked.reply_by, asked.kind) == (dt.date(2026, 3, 4), "access")
    assert asked.asked_at == clock.start_of_day(monday)


@pytest.mark.parametrize(
    "sent", [{"received_on": "2090-01-01"}, {"received_on": ""}, {"kind": "correct"}]
)
def test_a_request_on_paper_that_cannot_be_is_refused(sent) -> None:
    person = make_trainee()
    values = {"kind": "access", "received_on": clock.today().isoformat()} | sent
    answer = office().post(reverse("record_request", args=[person.code]), values)
    assert answer.status_code == 400
    assert not DataRequest.objects.exists()


def test_the_copy_that_somebody_asked_for_on_paper_is_made_and_on_record() -> None:
    person = make_trainee(full_name="Quách Thị Ngọc Ánh", personal_number=NUMBER)
    asked = ask(by=PROGRAMME_OFFICE, trainee=person, kind="access")
    answer = office().post(reverse("request_copy", args=[asked.pk]))
    text = text_of(answer.content)
    assert "Quách Thị Ngọc Ánh" in text
    assert NUMBER in text
    entry = AuditEntry.objects.get(action="own_data_copied")
    assert entry.details["request"] == asked.pk


@pytest.mark.parametrize(("kind", "settled"), [("correct", False), ("access", True)])
def test_no_copy_is_made_for_which_nobody_waits(kind, settled) -> None:
    asked = ask(by=PROGRAMME_OFFICE, trainee=make_trainee(), kind=kind, text="Sai ngày sinh")
    if settled:
        answer(by=PROGRAMME_OFFICE, request=asked, state="refused", text="Đã cấp")
    made = office().post(reverse("request_copy", args=[asked.pk]))
    assert made["Location"] == reverse("data_request", args=[asked.pk])
    assert not AuditEntry.objects.filter(action="own_data_copied").exists()


def test_the_office_answers_and_the_person_is_mailed(person: Trainee, mailoutbox) -> None:
    request = ask(by=PROGRAMME_OFFICE, trainee=person, kind="withdraw")
    office().post(
        reverse("data_request", args=[request.pk]), {"state": "done", "answer": "Đã thực hiện."}
    )
    request.refresh_from_db()
    person.refresh_from_db()
    assert (request.state, request.answer) == ("done", "Đã thực hiện.")
    assert (person.email, person.phone, person.full_name) == ("", "", "Lê An")
    assert [(mail.to, "Đã thực hiện." in mail.body) for mail in mailoutbox] == [
        (["an@example.gov.vn"], True)
    ]
    assert AuditEntry.objects.get(action="data_request_answered").details["in_time"] is True


def test_a_refusal_needs_an_answer_and_changes_nothing(person: Trainee) -> None:
    request = ask(by=PROGRAMME_OFFICE, trainee=person, kind="erase")
    client, address = office(), reverse("data_request", args=[request.pk])
    assert client.post(address, {"state": "refused", "answer": ""}).status_code == 400
    client.post(address, {"state": "refused", "answer": "Điều 14: đang phải lưu trữ."})
    assert DataRequest.objects.get().state == "refused"
    assert not Erasure.objects.exists()


def test_a_granted_erasure_is_carried_out_by_a_job(
    person: Trainee, django_capture_on_commit_callbacks
) -> None:
    request = ask(by=PROGRAMME_OFFICE, trainee=person, kind="erase")
    client = office()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("data_request", args=[request.pk]), {"state": "done", "answer": "Chấp thuận."}
        )
    person.refresh_from_db()
    assert person.full_name == person.code
    assert Erasure.objects.get().finished_at


def test_what_was_settled_is_settled(person: Trainee) -> None:
    request = ask(by=PROGRAMME_OFFICE, trainee=person, kind="access")
    answer(by=PROGRAMME_OFFICE, request=request, state="done", text="Đã gửi.")
    with pytest.raises(PeopleError) as refused:
        answer(by=PROGRAMME_OFFICE, request=request, state="refused", text="Không.")
    assert refused.value.code == "already_settled"


def test_a_request_without_a_reply_after_its_day_is_marked(person: Trainee) -> None:
    with clock.set_to(clock.today() - dt.timedelta(days=10)):
        ask(by=PROGRAMME_OFFICE, trainee=person, kind="access")
    assert 'class="badge badge-bad"' in office().get(reverse("data_requests")).content.decode()


def test_the_deadline_passes_over_the_holidays_that_the_office_enters(person: Trainee) -> None:
    today = clock.today()
    later = today + dt.timedelta(days=13)
    days = {"first": today.isoformat(), "last": later.isoformat(), "name": "Tết"}
    client = office()
    assert client.post(reverse("holidays"), days).status_code == 302
    assert ask(by=PROGRAMME_OFFICE, trainee=person, kind="access").reply_by > later
    page = client.get(reverse("holidays")).content.decode()
    assert f"{later:%d/%m/%Y}" in page
    client.post(reverse("remove_holiday", args=[Holiday.objects.get(day=later).pk]))
    assert not Holiday.objects.filter(day=later).exists()


def test_days_off_the_wrong_way_round_are_refused() -> None:
    days = {"first": "2027-02-10", "last": "2027-02-05", "name": "Tết"}
    assert office().post(reverse("holidays"), days).status_code == 400
    assert not Holiday.objects.exists()
