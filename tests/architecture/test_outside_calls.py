"""Every call to a service that is not ours has a time after which it is given up."""

import ast
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import environ
import pytest
from django.conf import settings

from lms.caches import cache_settings
from notices.models import Notice
from notices.services.delivery import deliver_pending
from notices.services.mailbox import read_bounces

# What can open a connection to another machine, and which words in the same file limit it.
OPENS = {
    "requests.request", "requests.get", "requests.post", "requests.put", "requests.head",
    "requests.Session", "urllib.request.urlopen", "urlopen", "http.client.HTTPSConnection",
    "http.client.HTTPConnection", "imaplib.IMAP4", "imaplib.IMAP4_SSL", "smtplib.SMTP",
    "smtplib.SMTP_SSL", "socket.create_connection",
}  # fmt: skip
LIMITED_BY = {
    "accounts/openid.py": "timeout=(CONNECT_SECONDS, READ_SECONDS)",
    "common/outgoing.py": "timeout=timeout",  # which every caller must give
    "notices/services/mailbox.py": "timeout=settings.EMAIL_TIMEOUT",
}
APPS = [path.parent for path in Path(settings.BASE_DIR).glob("*/apps.py")]


def calls() -> Iterator[tuple[str, str]]:
    """Each mention of what can open a connection, by file."""
    for app in [*APPS, Path(settings.BASE_DIR) / "lms"]:
        for path in app.rglob("*.py"):
            name = str(path.relative_to(settings.BASE_DIR))
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node) in OPENS:
                    yield name, ast.unparse(node)


def test_whatever_calls_another_machine_is_listed_with_its_limit():
    found = {name for name, _what in calls()}
    assert found == set(LIMITED_BY)
    for name, limit in LIMITED_BY.items():
        assert limit in (Path(settings.BASE_DIR) / name).read_text(), name


def test_mail_leaves_from_one_place():
    naming = [
        str(path.relative_to(settings.BASE_DIR))
        for app in APPS
        for path in app.rglob("*.py")
        if "DELIVERY_EMAIL_BACKEND" in path.read_text()
    ]
    assert sorted(naming) == [
        "lms/settings.py",
        "notices/services/bounces.py",  # asks which provider it is
        "notices/services/delivery.py",
    ]


def test_smtp_and_the_api_of_a_provider_have_the_same_limit():
    assert 0 < settings.EMAIL_TIMEOUT <= 30
    assert settings.ANYMAIL["REQUESTS_TIMEOUT"] == settings.EMAIL_TIMEOUT


@pytest.fixture
def silent_port(settings) -> Iterator[int]:
    """Takes calls and never answers."""
    settings.EMAIL_TIMEOUT = 1
    settings.ANYMAIL = {"REQUESTS_TIMEOUT": 1, "POSTMARK_SERVER_TOKEN": "x"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.django_db
@pytest.mark.parametrize("provider", ["smtp", "anymail"])
def test_mail_is_given_up_after_its_time(settings, silent_port, provider):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", silent_port
    settings.ANYMAIL["POSTMARK_API_URL"] = f"http://127.0.0.1:{silent_port}/"
    settings.DELIVERY_EMAIL_BACKEND = {
        "smtp": "django.core.mail.backends.smtp.EmailBackend",
        "anymail": "anymail.backends.postmark.EmailBackend",
    }[provider]
    Notice.objects.create(recipient="an@example.gov.vn", subject="s", body="b")
    began = time.monotonic()
    assert deliver_pending() == 0
    assert time.monotonic() - began < 5
    notice = Notice.objects.get()
    assert (notice.state, notice.last_error != "") == ("pending", True)


def test_a_server_of_caches_has_a_limit_too():
    env = environ.Env()
    env.ENVIRON = {"CACHE_URL": "rediscache://127.0.0.1:6379/1"}
    for cache in cache_settings(env).values():
        assert 0 < cache["OPTIONS"]["socket_timeout"] <= 5
        assert 0 < cache["OPTIONS"]["socket_connect_timeout"] <= 5


def test_the_mailbox_is_given_up_after_its_time(settings, silent_port):
    settings.BOUNCE_MAILBOX_URL = f"imap://a:b@127.0.0.1:{silent_port}/INBOX"
    began = time.monotonic()
    with pytest.raises(OSError, match="timed out"):
        read_bounces()
    assert time.monotonic() - began < 5
