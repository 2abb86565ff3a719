"""Heads of the audit log stored elsewhere, compared with the current log."""

import email
import email.policy
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from audit.errors import AuditError
from audit.services import head_files
from audit.signing import SignedHead, is_signature_valid
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.registries import audit_head_stores

# The file in an evidence pack.
FILE_IN_PACK = "audit-head.json"
MOST_BYTES = 50_000_000
_MOST_IN_PACK = 100_000
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_OBJECT = re.compile(r"\{[^{}]*\}")
_QUOTED = re.compile(r"^(?:> ?)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StoredHead:
    where: str
    hash: str
    length: int | None = None
    signed: SignedHead | None = None

    @classmethod
    def of(cls, where: str, head: SignedHead) -> "StoredHead":
        return cls(where, head.hash, head.length, head)


class State(StrEnum):
    PRESENT = "present"
    SHORTER = "shorter"
    DIFFERS = "differs"
    ABSENT = "absent"
    FORGED = "forged"


_MESSAGES = {
    State.PRESENT: _("%(where)s: found; it is the end of the first %(position)s entries."),
    State.SHORTER: _(
        "%(where)s: the audit log is shorter than this head; %(missing)s of its %(length)s "
        "entries are missing."
    ),
    State.DIFFERS: _(
        "%(where)s: the audit log differs; after %(length)s entries its hash does not "
        "match this head."
    ),
    State.ABSENT: _(
        "%(where)s: the audit log does not contain this head; it has been cut or rebuilt since."
    ),
    State.FORGED: _("%(where)s: this head is not signed with a key of this site."),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    stored: StoredHead
    state: State
    position: int | None
    missing: int = 0

    @property
    def is_present(self) -> bool:
        return self.state == State.PRESENT

    @property
    def message(self) -> DeferredMessage:
        return _MESSAGES[self.state] % {
            "where": self.stored.where,
            "position": self.position or 0,
            "length": self.stored.length or 0,
            "missing": self.missing,
        }

    def to_json(self) -> dict[str, Any]:
        return {
            "where": self.stored.where,
            "state": str(self.state),
            "hash": self.stored.hash,
            "length": self.stored.length,
            "position": self.position,
            "missing": self.missing,
            "message": str(self.message),
        }


def compare(
    stored: StoredHead, hash_at: Mapping[int, str], position_of: Mapping[str, int], total: int
) -> Comparison:
    position = position_of.get(stored.hash)
    if stored.signed and not is_signature_valid(stored.signed):
        return Comparison(stored, State.FORGED, position)
    if stored.length is None:
        return Comparison(stored, State.PRESENT if position else State.ABSENT, position)
    if hash_at.get(stored.length) == stored.hash:
        return Comparison(stored, State.PRESENT, stored.length)
    if stored.length > total:
        return Comparison(stored, State.SHORTER, position, stored.length - total)
    return Comparison(stored, State.DIFFERS, position)


def stored_heads_found() -> Iterator[StoredHead]:
    """Heads stored by the site itself: in files, and in what other apps sent or signed."""
    for name, head in head_files.heads_in_files():
        yield StoredHead.of(name, head)
    for _name, heads in audit_head_stores:
        for where, plain in heads():
            yield StoredHead.of(where, SignedHead.from_json(plain))


# Reading what somebody brings -----------------------------------------------------------


def read_stored(text: str) -> list[StoredHead]:
    """Heads from a hash, or from the file at a path: a message, a JSON file, an evidence pack.

    Raises AuditError ``no_head`` or ``unclear_head``.
    """
    if _HASH.fullmatch(text.strip().lower()):
        return [StoredHead(text.strip()[:12], text.strip().lower())]
    path = Path(text)
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        message = gettext("%(text)s is neither a 64-character hash nor a file.")
        raise AuditError("no_head", message % {"text": text})
    return heads_in(path.read_bytes(), where=path.name)


def heads_in(content: bytes, *, where: str) -> list[StoredHead]:
    """Every signed head in a file, or the only bare hash where there is none."""
    text = _QUOTED.sub("", _text_of(content))
    signed = [head for found in _OBJECT.findall(text) if (head := _head(found))]
    if signed:
        return [StoredHead.of(where, head) for head in dict.fromkeys(signed)]
    hashes = set(_HASH.findall(text.lower()))
    if len(hashes) == 1:
        return [StoredHead(where, hashes.pop())]
    if hashes:
        message = gettext("%(file)s contains several hashes: give only the one of the audit log.")
        raise AuditError("unclear_head", message % {"file": where})
    message = gettext("%(file)s does not contain a head of the audit log.")
    raise AuditError("no_head", message % {"file": where})


def _text_of(content: bytes) -> str:
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as pack, pack.open(FILE_IN_PACK) as file:
                return file.read(_MOST_IN_PACK).decode(errors="replace")
        except (zipfile.BadZipFile, KeyError):
            return ""
    if b"content-transfer-encoding:" in content[:100_000].lower():
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain", "html"))
        return str(body.get_content()) if body else ""
    return content.decode(errors="replace")


def _head(text: str) -> SignedHead | None:
    try:
        return SignedHead.from_json(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return None
