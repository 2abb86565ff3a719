"""PAdES B-B on a compiled certificate: an incremental update of ours around pyHanko's CMS, which is
made once for a key, with holes for digest and signature.
"""

import datetime as dt
import hashlib
from functools import lru_cache

from certificates.compiled.writing import Written
from certificates.signing import FIELD, SigningKey

_MARK = hashlib.sha256(b"mark").digest()
_CATALOG = (
    b"/AcroForm <</Fields [%d 0 R]/SigFlags 3>>/Perms <</DocMDP %d 0 R>>"
    b"/Extensions <</ESIC <</BaseVersion /1.7/ExtensionLevel 1>>>>>>"
)
_FIELD = b"<</Type /Annot/Subtype /Widget/FT /Sig/T (%s)/F 132/Rect [0 0 0 0]/P %d 0 R/V %d 0 R>>"
_VALUE = (
    b"%d 0 obj\n<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached/M (%s)"
    b"/Reference [<</Type /SigRef/TransformMethod /DocMDP"
    b"/TransformParams <</Type /TransformParams/V /1.2/P 1>>>>]/Contents "
)
_RANGE = b"/ByteRange [0 %010d %010d %010d]>>\nendobj\n"
_XREF = (
    b"%d 0 obj\n<</Type /XRef/Size %d/W [1 4 2]/Index [%s]/Root %d 0 R/Info %d 0 R/Prev %d/ID [%s]"
    b"/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
)


def sign(written: Written, key: SigningKey, at: dt.datetime, bytes_for_stamp: int = 0) -> bytes:
    """The signed file; it begins with the unsigned one.

    ``bytes_for_stamp`` are left for a token.

    Error: ``signer_expired``.
    """
    key.require_in_force(at)
    prepared = _prepared(key)
    reserved = key.bytes_reserved + bytes_for_stamp
    update = _Update(written, reserved, at)
    digest = written.digest.copy()
    digest.update(update.before)
    digest.update(update.after)
    cms = prepared.signed(digest.digest()).hex().encode()
    hole = b"<%s>" % cms.ljust(2 * reserved, b"0")
    return b"".join([written.template.start, written.tail, update.before, hole, update.after])


class _Update:
    """The bytes before and behind the signature's own."""

    def __init__(self, written: Written, reserved: int, at: dt.datetime) -> None:
        template = written.template
        (root, catalog), (page, page_data) = template.root, template.page
        field, value, xref = (template.xref_number + after for after in (1, 2, 3))
        self._end, self._objects = len(written), b""
        self._offsets: dict[int, int] = {}
        self._add(root, catalog[:-2] + _CATALOG % (field, value))
        self._add(page, page_data[:-2] + b"/Annots [%d 0 R]>>" % field)
        self._add(field, _FIELD % (FIELD.encode(), page, value))
        self._offsets[value] = self._end
        moment = at.astimezone(dt.UTC).strftime("D:%Y%m%d%H%M%SZ").encode()
        self.before = self._objects + _VALUE % (value, moment)
        start = len(written) + len(self.before)
        behind = start + 2 * reserved + 2
        xref_at = self._offsets[xref] = behind + len(_RANGE % (0, 0, 0))
        rows = sorted(self._offsets.items())
        index = b" ".join(b"%d 1" % number for number, _place in rows)
        table = b"".join(b"\1%s\0\0" % place.to_bytes(4, "big") for _number, place in rows)
        last = _XREF % (
            xref, xref + 1, index, root, template.info_number, written.xref_at, written.ids,
            len(table), table, xref_at,
        )  # fmt: skip
        rest = xref_at + len(last) - behind
        self.after = _RANGE % (start, behind, rest) + last

    def _add(self, number: int, body: bytes) -> None:
        one = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        self._offsets[number] = self._end
        self._end += len(one)
        self._objects += one


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
