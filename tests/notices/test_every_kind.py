"""Each kind of message in both languages, as a real mail server is given it."""

import re

import pytest

from accounts.mail import Recipient
from enrollment import message_kinds as enrollment_kinds
from notices.kinds import MessageKind, message_kinds
from notices.models import Notice
from notices.services import texts
from notices.services.delivery import deliver_pending
from notices.services.messages import send_each
from tests.mail_server import mail_server

pytestmark = pytest.mark.django_db

KINDS = [kind for _name, kind in message_kinds]
VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


@pytest.fixture
def server(settings):
    settings.BOUNCE_ADDRESS = "bounces@699.example.gov.vn"
    with mail_server(settings) as running:
        yield running


def send(kind: MessageKind, language: str, **changes: str) -> None:
    reader = Recipient("an@example.gov.vn", language)
    examples = texts._example_values(kind, language)
    send_each(kind, [reader], lambda: examples | changes)
    deliver_pending()


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_arrives_complete_in_the_readers_language(server, kind, language):
    send(kind, language)
    (message,) = server.messages
    expected = texts.example(kind, language, texts.wording_of(kind, language))
    assert message["Subject"] == expected.subject
    assert message["Content-Language"] == language
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == "an@example.gov.vn"
    assert re.fullmatch(r"<notice-\d+-\w{20}@699\.example\.gov\.vn>", message["Message-ID"])
    plain, html = (message.get_body((part,)).get_content() for part in ("plain", "html"))
    assert " ".join(words(expected.body)) in " ".join(words(plain))
    assert f'lang="{language}"' in html
    for line in filter(None, map(str.strip, expected.body.split("\n"))):
        assert words(line)[0] in html
    for part in (expected.subject, plain, html):
        assert not re.search(r"\{\w+\}|\[\[link\]\]|%\(\w+\)", part)
    addresses = re.findall(r"\S*(?:runs|my|people|certificates|rosters)/\S*", plain)
    assert all(address.startswith("https://") for address in addresses)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_is_worded_in_both_languages(kind):
    vietnamese, english = (texts.wording_of(kind, code) for code in ("vi", "en"))
    assert VIETNAMESE.search(texts.fill(vietnamese.body, {}) + str(vietnamese.subject)) or (
        vietnamese.body == "{warning}"
    )
    assert vietnamese.subject != english.subject
    assert not VIETNAMESE.search(english.subject + english.body)
    used = texts.placeholders(vietnamese.subject, vietnamese.body)
    assert used == texts.placeholders(english.subject, english.body)


@pytest.mark.parametrize(
    "value", ["Hoa\r\nBcc: x@example.com", "Hoa\nSubject: x", "<script>alert(1)</script>", "{link}"]
)
def test_a_value_adds_no_header_no_markup_and_no_placeholder(server, value):
    send(enrollment_kinds.ENROLLED, "vi", class_code=value, full_name=value)
    (message,) = server.messages
    assert (message["Bcc"], message["To"]) == (None, "an@example.gov.vn")
    assert message.get_all("Subject") == [message["Subject"]]
    assert "<script>" not in message.get_body(("html",)).get_content()


def test_a_recipient_that_is_no_address_ends_no_round(server):
    Notice.objects.create(recipient="an@example.gov.vn\nBcc: x@y.vn", subject="s", body="b")
    send(enrollment_kinds.ENROLLED, "vi")
    assert len(server.messages) == 1
    assert Notice.objects.failed().count() == 1
