"""Values that are stored encrypted, and keyed digests to find or compare them.

Keys live outside the database (``FIELD_KEYS``, newest first, and ``INDEX_KEY``), so a
copied database alone tells nothing.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def box() -> MultiFernet:
    """The first key encrypts, all decrypt."""
    return _box(tuple(settings.FIELD_KEYS))


def rotated(token: bytes) -> bytes | None:
    try:
        _box((settings.FIELD_KEYS[0],)).decrypt(token)
    except InvalidToken:
        return box().rotate(token)
    return None


def keyed_digest(purpose: str, value: str) -> str:
    """HMAC-SHA-256 in hex (64 letters): equal values give equal digests, per purpose."""
    return keyed_digests(purpose, [value])[0]


def keyed_digests(purpose: str, values: Iterable[str]) -> list[str]:
    begun, digests = _begun(settings.INDEX_KEY, purpose), []
    for value in values:
        one = begun.copy()
        one.update(value.encode())
        digests.append(one.finalize().hex())
    return digests


@lru_cache(maxsize=32)
def _begun(key: str, purpose: str) -> HMAC:
    begun = HMAC(key.encode(), SHA256())
    begun.update(f"{purpose}\0".encode())
    return begun


class EncryptedTextField(models.TextField[Any, Any]):
    """Text that is encrypted at rest; filtering on it is refused, use a keyed digest."""

    def get_prep_value(self, value: Any) -> str | None:
        return self.sealed([value])[0]

    def sealed(self, values: Iterable[Any]) -> list[str | None]:
        """Encrypts many values in order; the settings are read once."""
        seal = box().encrypt
        return [
            None if value in (None, "") else seal(str(value).encode()).decode() for value in values
        ]

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return None if value is None else box().decrypt(value.encode()).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class EncryptedJSONField(EncryptedTextField):
    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        plain = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        return super().get_prep_value(plain.decode())

    def from_db_value(self, value: str | None, *args: object) -> Any:
        text = super().from_db_value(value, *args)
        return None if text is None else orjson.loads(text)

    def value_to_string(self, obj: models.Model) -> str:
        return orjson.dumps(self.value_from_object(obj), option=orjson.OPT_NON_STR_KEYS).decode()
