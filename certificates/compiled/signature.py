"""PAdES B-B on a compiled certificate: an update of ours around pyHanko's CMS, which is made once
for a key, with holes for digest and signature.
"""

import datetime as dt
import hashlib
from functools import lru_cache

from certificates.compiled.writing import Update, Written
from certificates.signing import FIELD, SigningKey

_MARK = hashlib.sha256(b"mark").digest()
_CATALOG = (
    b"/AcroForm <</Fields [%d 0 R]/SigFlags 3>>/Perms <</DocMDP %d 0 R>>"
    b"/Extensions <</ESIC <</BaseVersion /1.7/ExtensionLevel 1>>>>>>"
)
_FIELD = b"<</Type /Annot/Subtype /Widget/FT /Sig/T (%s)/F 132/Rect [0 0 0 0]/P %d 0 R/V %d 0 R>>"
_VALUE = (
    b"<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached/M (%s)"
    b"/Reference [<</Type /SigRef/TransformMethod /DocMDP"
    b"/TransformParams <</Type /TransformParams/V /1.2/P 1>>>>]/Contents "
)
_RANGE = b"/ByteRange [0 %010d %010d %010d]>>\nendobj\n"


def sign(written: Written, key: SigningKey, at: dt.datetime, bytes_for_stamp: int = 0) -> bytes:
    """The signed file; it begins with the unsigned one.

    ``bytes_for_stamp`` are left for a token.

    Error: ``signer_expired``.
    """
    key.require_in_force(at)
    reserved = key.bytes_reserved + bytes_for_stamp
    before, after = _update(written, reserved, at)
    digest = written.digest.copy()
    digest.update(before)
    digest.update(after)
    cms = _prepared(key).signed(digest.digest()).hex().encode()
    hole = b"<%s>" % cms.ljust(2 * reserved, b"0")
    return b"".join([written.template.start, written.tail, before, hole, after])


def _update(written: Written, reserved: int, at: dt.datetime) -> tuple[bytes, bytes]:
    """The bytes before and behind the signature's own."""
    template, numbers = written.template, written.template.numbers
    field, value, last = (numbers["last"] + after for after in (1, 2, 3))
    update = Update(len(written))
    update.add(numbers["root"], template.root[:-2] + _CATALOG % (field, value))
    update.add(numbers["page"], template.page[:-2] + b"/Annots [%d 0 R]>>" % field)
    update.add(field, _FIELD % (FIELD.encode(), numbers["page"], value))
    moment = at.astimezone(dt.UTC).strftime("D:%Y%m%d%H%M%SZ").encode()
    update.begin(value, _VALUE % moment)
    before, start = update.content, update.end
    behind = start + 2 * reserved + 2
    update.end = behind + len(_RANGE % (0, 0, 0))
    update.finish(last, written.xref_at, written.trailer)
    rest = update.content[len(before) :]
    length = len(_RANGE % (0, 0, 0)) + len(rest)
    return before, _RANGE % (start, behind, length) + rest


class _PreparedCms:
    """What a key's CMS containers have in common."""

    def __init__(self, key: SigningKey) -> None:
        self._raw = key.sign_raw
        self._container = key.container(_MARK)
        info = self._container["content"]["signer_infos"][0]
        self._attributes = info["signed_attrs"].untag().dump().split(_MARK)
        self._around: dict[int, list[bytes]] = {}

    def signed(self, digest: bytes) -> bytes:
        signature = self._raw(digest.join(self._attributes))
        # Those of elliptic curves differ in length.
        if len(signature) not in self._around:
            self._around[len(signature)] = self._parts(len(signature))
        first, second, third = self._around[len(signature)]
        return b"".join([first, digest, second, signature, third])

    def _parts(self, length: int) -> list[bytes]:
        from asn1crypto import cms

        hole = b"\xa5" * length
        copy = cms.ContentInfo.load(self._container.dump())
        copy["content"]["signer_infos"][0]["signature"] = hole
        first, rest = copy.dump(force=True).split(_MARK)
        return [first, *rest.split(hole)]


@lru_cache(maxsize=8)
def _prepared(key: SigningKey) -> _PreparedCms:
    return _PreparedCms(key)
