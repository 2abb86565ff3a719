"""Addresses that let somebody in by themselves, taken out of everything that is logged.

Django logs the address of what it refuses, and a form with a weak password is refused at an address
that still works.
"""

import logging
import re

# Up to the secret: the invitation, the proof of an address, a shared certificate, a scanned code,
# the new password. tests/security/test_logs.py asks of every address with a token or a key.
_WAYS_IN = (
    "invitation",
    "accounts/address",
    "verify/shared",
    "check-in",
    "sign-in/password/reset/key",
    "sign-in/confirm-email",
)
_PATH = re.compile(rf"(/(?:{'|'.join(_WAYS_IN)})/)[^/\s?\"'<>]+")
# And what single sign-on and forms carry behind an address.
_QUERY = re.compile(r"([?&](?:code|state|token|key|ticket)=)[^&\s\"'<>]+")
_GONE = r"\1[secret]"


def without_secrets(text: str) -> str:
    """The text with every secret in an address blacked out."""
    return _QUERY.sub(_GONE, _PATH.sub(_GONE, text))


class RedactingFormatter(logging.Formatter):
    """Writes a line of the log, its traceback too, without secrets in addresses."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))
