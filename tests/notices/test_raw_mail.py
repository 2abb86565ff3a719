"""What a mail server is given, byte for byte."""

from email.header import decode_header, make_header

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage

from notices.models import Notice, NoticeState
from notices.services.delivery import deliver_pending
from tests.mail_server import mail_server, text_of

pytestmark = pytest.mark.django_db

LONG_SUBJECTS = [
    "Lớp bồi dưỡng AI ứng dụng " * 8,
    "Ánh" * 66,
    "x" * 200,
    "Materials of the class on applied AI for public administration " * 3,
    "Mixed " + "y" * 90 + " ướt" * 20,
]


@pytest.fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


def send(server, subject="Lớp sắp khai giảng", body="Nội dung", language="vi", **marks):
    message = EmailMessage(subject, body, to=["an@example.gov.vn"])
    message.__dict__.update({"language": language} | marks)
    message.send()
    deliver_pending()
    return server.raw[-1], server.messages[-1]


def header_lines(raw: bytes, name: str) -> list[bytes]:
    """The lines of a header as they were sent, the name on the first."""
    found: list[bytes] = []
    lines = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    for line in lines:
        if line.lower().startswith(name.lower().encode() + b":") or (found and line[:1] in b" \t"):
            found.append(line)
        elif found:
            break
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("subject", LONG_SUBJECTS)
def test_a_long_subject_has_no_empty_line_and_reads_as_written(server, subject, language):
    subject = subject[:200].strip()
    raw, _message = send(server, subject, language=language)
    lines = header_lines(raw, "Subject")
    assert len(lines[0].split(b":", 1)[1].strip()) > 0
    assert all(line.strip() and len(line) <= 78 for line in lines)
    value = b"\r\n".join(lines).split(b":", 1)[1].strip().decode().replace("\r\n", "")
    assert str(make_header(decode_header(value))) == subject


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("Kính gửi ông/bà,", "(Quyết định 699/QĐ-BTTTT)")),
        ("en", ("Dear Sir or Madam,", "(Decision 699/QĐ-BTTTT)")),
    ],
)
def test_both_parts_greet_and_sign_in_the_readers_language(server, language, words):
    _raw, message = send(server, body="Xem https://699.example.gov.vn/my/", language=language)
    text, html = text_of(message), text_of(message, "html")
    assert message["Content-Language"] == language
    for word in words:
        assert word in text
        assert word in html
    assert '<a href="https://699.example.gov.vn/my/"' in html


def test_whoever_is_greeted_by_name_is_not_greeted_again(server):
    _raw, message = send(server, body="Kính gửi ông/bà An,\n\nNội dung")
    assert text_of(message).count("Kính gửi") == 1


def test_messages_of_a_thread_answer_one_root_and_bear_its_list(server):
    first = send(server, thread="class-7")[1]
    second = send(server, thread="class-7")[1]
    other = send(server, thread="class-8")[1]
    assert first["References"] == second["References"] == "<class-7@699.example.gov.vn>"
    assert second["In-Reply-To"] == "<class-7@699.example.gov.vn>"
    assert second["List-Id"] == "<class-7.699.example.gov.vn>"
    assert other["References"] != first["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert send(server)[1]["List-Id"] is None


def test_a_stored_file_is_attached_under_its_shown_name(server):
    stored = default_storage.save("message-files/a.pdf", ContentFile(b"%PDF-1.7"))
    _raw, message = send(server, stored_files={"Bài giảng số 1.pdf": stored})
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "Bài giảng số 1.pdf"
    assert attached.get_content() == b"%PDF-1.7"


def test_a_missing_file_delays_its_own_message_alone(server):
    message = EmailMessage("a", "b", to=["an@example.gov.vn"])
    message.__dict__["stored_files"] = {"x.pdf": "message-files/gone.pdf"}
    message.send()
    send(server)
    first, second = Notice.objects.order_by("id")
    assert (first.state, second.state) == (NoticeState.PENDING, NoticeState.SENT)
    assert "gone.pdf" in first.last_error


def test_a_subject_with_a_line_break_never_becomes_a_header(server):
    message = EmailMessage("Lớp\r\nBcc: x@y.vn", "b", to=["an@example.gov.vn"])
    message.send()
    send(server)
    assert all(b"\r\nBcc:" not in raw for raw in server.raw)
