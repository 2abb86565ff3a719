"""The texts of messages: changed by the office, previewed, tested, put back."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from enrollment.message_kinds import ENROLLED, REMINDER
from notices.errors import NoticeInputError
from notices.kinds import message_kinds
from notices.models import (
    MessageText,
    Notice,
    NoticeState,
    ReminderDays,
    UndeliverableAddress,
)
from notices.services import reminders, texts
from notices.services.kind_table import with_table
from tests.factories import make_user

ADDRESS = "/messages/texts/enrollment_enrolled/vi/"


@pytest.fixture
def office(db, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_text_of_ours_names_only_values_that_its_message_has(db, language):
    for _name, kind in message_kinds:
        wording = texts.wording_of(kind, language)
        texts.require_known_placeholders(kind, subject=wording.subject, body=wording.body)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_of_message_has_a_subject_that_fits_one_line(db, language):
    for _name, kind in message_kinds:
        subject = texts.example(kind, language, texts.wording_of(kind, language)).subject
        assert 0 < len(subject) < 78


def test_the_office_changes_a_text_and_goes_back(office):
    answer = office.post(ADDRESS, {"subject": "Lớp {class_code}", "body": "Kính gửi {full_name}"})
    assert answer.status_code == 302
    assert texts.wording_of(ENROLLED, "vi").body == "Kính gửi {full_name}"
    assert "Lớp {class_code}" in office.get(reverse("message_texts")).content.decode()
    office.post(ADDRESS + "reset/")
    assert not texts.wording_of(ENROLLED, "vi").is_of_office
    assert MessageText.objects.count() == 2


def test_a_text_with_an_unknown_placeholder_is_refused_and_kept_on_the_page(office):
    answer = office.post(ADDRESS, {"subject": "Lớp {lop}", "body": "Kính gửi {full_name}"})
    assert answer.status_code == 400
    assert "{lop}" in answer.content.decode()
    assert not MessageText.objects.exists()


def test_a_preview_shows_the_text_with_example_values_and_saves_nothing(office):
    typed = {"subject": "Lớp {class_code}", "body": "Chào {full_name}", "preview": ""}
    page = office.post(ADDRESS, typed).content.decode()
    assert "Chào Nguyễn Thị Ánh" in page
    assert not MessageText.objects.exists()


def test_a_test_message_goes_to_the_reader_alone_and_saves_nothing(office):
    typed = {"subject": "Lớp {class_code}", "body": "Chào {full_name}", "test": ""}
    office.post(ADDRESS, typed)
    assert [message.to for message in mail.outbox] == [["office@example.gov.vn"]]
    assert mail.outbox[0].subject == "Lớp UDAI-01"
    assert not MessageText.objects.exists()


@pytest.mark.parametrize("typed", [{"subject": " ", "body": "x"}, {"subject": "x", "body": " "}])
def test_an_empty_text_is_refused(office, typed):
    assert office.post(ADDRESS, typed).status_code == 400


def test_a_subject_of_several_lines_becomes_one(db):
    text = texts.change_text(
        by=SYSTEM, kind=ENROLLED, language="vi", subject="Lớp\r\nBcc: x@y.vn", body="x"
    )
    assert text.subject == "Lớp Bcc: x@y.vn"


def test_the_service_refuses_an_unknown_placeholder_too(db):
    with pytest.raises(NoticeInputError, match="secret"):
        texts.change_text(by=SYSTEM, kind=ENROLLED, language="vi", subject="x", body="{secret}")


@given(st.text(st.characters(exclude_characters="\n"), max_size=60))
def test_a_value_arrives_as_it_is_whatever_it_contains(value):
    assert texts.fill("[{full_name}]", {"full_name": value or "–"}) == f"[{value or '–'}]".strip()


def test_messages_that_failed_are_sent_again_by_the_office(office):
    for number in range(2):
        Notice.objects.create(
            recipient=f"p{number}@example.gov.vn", subject="s", body="b", state=NoticeState.FAILED
        )
    first = Notice.objects.earliest("id")
    office.post(reverse("send_messages_again"), {"notice": first.pk})
    assert Notice.objects.failed().count() == 1
    office.post(reverse("send_messages_again"))
    assert Notice.objects.failed().count() == 0


def test_the_outbox_shows_states_and_reasons_but_no_texts(office):
    Notice.objects.create(
        recipient="an@example.gov.vn", subject="Lớp mới", body="https://x/secret",
        state=NoticeState.FAILED, last_error="550 no such user",
    )  # fmt: skip
    page = office.get("/messages/?state=failed").content.decode()
    assert "550 no such user" in page
    assert "secret" not in page
    assert "an@example.gov.vn" not in office.get("/messages/?state=sent").content.decode()


def test_the_table_of_kinds_in_the_document_is_that_of_the_code(db):
    text = (Path(settings.BASE_DIR) / "docs/messages.md").read_text()
    assert with_table(text) == text, "run: manage.py message_kinds --write"
    listed = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert listed == sorted(name for name, _kind in message_kinds)
    assert all("| vi, en |" in line for line in text.splitlines() if line.startswith("| `"))


def page_of(answer) -> str:
    return str(answer.content.decode())


DAYS = "/messages/reminders/class_reminder/"


def test_the_office_sets_the_days_of_a_reminder_which_are_dated(office):
    office.post(DAYS, {"days": 7})
    assert reminders.days_of(REMINDER) == 7
    assert ReminderDays.objects.get().changed_by
    office.post(DAYS, {"days": ""})
    assert reminders.days_of(REMINDER) is None
    assert ReminderDays.objects.count() == 2


@pytest.mark.parametrize("days", ["31", "-1", "x", "999999999999999999999", "1.5"])
def test_days_out_of_their_bounds_are_refused_with_a_sentence(office, days):
    page = office.post(DAYS, {"days": days}, follow=True).content.decode()
    assert "alert-bad" in page
    assert reminders.days_of(REMINDER) == 3


def test_the_office_pauses_and_resumes_sending(office):
    assert (
        "alert-bad"
        in office.post("/messages/pause/", {"reason": " "}, follow=True).content.decode()
    )
    page = office.post("/messages/pause/", {"reason": "Sai nội dung"}, follow=True).content.decode()
    assert "Sai nội dung" in page
    assert office.get("/readyz").json()["sending_paused"] is True
    assert "lms_notices_paused 1" in office.get("/metrics").content.decode()
    office.post("/messages/resume/")
    assert office.get("/readyz").json()["sending_paused"] is False


def test_the_outbox_is_filtered_by_occasion_and_state(office):
    for kind in ("class_reminder", "agency_summary"):
        Notice.objects.create(recipient=f"{kind}@example.gov.vn", kind=kind, subject="s", body="b")
    page = office.get("/messages/?kind=class_reminder&state=pending").content.decode()
    assert ("class_reminder@" in page, "agency_summary@" in page) == (True, False)
    assert (
        "class_reminder@"
        not in office.get("/messages/?kind=class_reminder&state=sent").content.decode()
    )
    assert office.get("/messages/?kind=nonsense&state=nonsense").status_code == 200


def test_an_address_is_tried_again_from_its_page(office):
    marked = UndeliverableAddress.objects.create(address="an@example.gov.vn", reason="5.1.1")
    assert "an@example.gov.vn" in office.get("/messages/addresses/").content.decode()
    office.post("/messages/addresses/again/", {"address": marked.pk})
    assert not UndeliverableAddress.objects.in_force().exists()
    assert office.post("/messages/addresses/again/", {"address": marked.pk}).status_code == 404
