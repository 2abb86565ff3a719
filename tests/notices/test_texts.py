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
from enrollment.message_kinds import ENROLLED
from notices.errors import NoticeInputError
from notices.kinds import message_kinds
from notices.models import MessageText, Notice, NoticeState
from notices.services import texts
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


def test_the_document_of_messages_lists_every_kind_and_no_other():
    text = (Path(settings.BASE_DIR) / "docs/messages.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(name for name, _kind in message_kinds)
