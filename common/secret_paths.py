"""Removes secrets in addresses from everything that is logged.

Django logs the address of a refused request, and a form with a weak password is refused at an
address that still works.
"""

import json
import logging
import re

from common.request_ids import request_and_user

# Up to the secret: the invitation, the proof of an address, a shared certificate, a name to
# confirm, a calendar, a scanned code, the new password, the provider that reports bounces, the end
# of reminders.
# tests/security/test_logs.py asks of every address with a token or a key.
WAYS_IN = (
    "invitation",
    "accounts/address",
    "verify/shared",
    "verify/name",
    "calendar",
    "check-in",
    "evaluations/answer",
    "follow-up",
    "sign-in/password/reset/key",
    "sign-in/confirm-email",
    "messages/bounces",
    "notifications/stop",
)
# A slash as it stands in a path, in a parameter (next=%2Finvitation%2F…), or twice by mistake.
_SLASH = r"(?:/|%(?:25)*2F)+"
_WAY = "|".join(way.replace("/", _SLASH) for way in WAYS_IN)
_PATH = re.compile(rf"({_SLASH}(?:{_WAY}){_SLASH})[^/\s?\"'<>]+", re.IGNORECASE)
# And what single sign-on and forms carry behind an address.
_NAMES = "code|state|token|key|ticket|id_token|id_token_hint|access_token"
_QUERY = re.compile(rf"([?&;](?:{_NAMES})=)[^&\s\"'<>]+")
# Tokens of the API, wherever a library writes them.
_TOKEN = re.compile(r"(\blms_)[A-Za-z0-9]{16,}")
_GONE = r"\1[secret]"
# A personal number has twelve digits, nothing else that is logged has; an older one has nine, and
# only its position in an address distinguishes it from a size or a time.
_NUMBER = re.compile(r"(?<![\w.:-])\d{12}(?![\w.-])|(?<==)\d{9}(?!\d)")


def is_secret_path(path: str) -> bool:
    """Whether knowing the address is enough to get in."""
    return bool(_PATH.search(path))


def without_secrets(text: str) -> str:
    for pattern in (_PATH, _QUERY, _TOKEN):
        text = pattern.sub(_GONE, text)
    return _NUMBER.sub("[number]", text)


class RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JSONFormatter(logging.Formatter):
    """One object per line, with the request and the user's number; never a name or an address."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **request_and_user(),
        }
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
