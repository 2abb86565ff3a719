"""A certificate's bytes from a template: the constant beginning, and a tail of moving objects."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from certificates.compiled.lines import Hole, Pattern, filled
from certificates.compiled.qr import qr_image

_QR = (
    b"<</Type /XObject/Subtype /Image/Width %d/Height %d/ColorSpace /DeviceGray"
    b"/BitsPerComponent 1/Interpolate false/Filter /FlateDecode"
    b"/DecodeParms <</Predictor 15/BitsPerComponent 1/Columns %d>>/Length %d>>\n"
    b"stream\n%s\nendstream"
)
_XREF = (
    b"%d 0 obj\n<</Type /XRef/Size %d/W [1 4 2]/Root %d 0 R/Info %d 0 R/ID [%s]/Length %d>>\n"
    b"stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
)


@dataclass(frozen=True, slots=True)
class Written:
    """An unsigned file, with what a signature must know of it."""

    template: "Template"
    tail: bytes
    digest: Any
    xref_at: int
    ids: bytes

    @property
    def content(self) -> bytes:
        return self.template.start + self.tail

    @property
    def sha256(self) -> str:
        return str(self.digest.hexdigest())

    def __len__(self) -> int:
        return len(self.template.start) + len(self.tail)


@dataclass(frozen=True, slots=True)
class Template:
    """See ``template.Freezer.frozen``; ``sha256`` names it in the store and in the register."""

    sha256: str
    key: str
    skeleton: str
    pattern: Pattern
    parts: list[bytes]
    holes: list[list[int]]
    content: int
    qr: int
    file: list[Any]
    file_number: int
    xmp: list[Any]
    xmp_number: int
    figures: list[list[Any]]
    info: list[Any]
    info_number: int
    xref_number: int
    root: list[Any]
    page: list[Any]
    moving: list[int]
    table: list[bytes]
    start: bytes
    digest: Any

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], sha256: str, start: bytes) -> "Template":
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in plain.items() if name in known}
        values["pattern"] = tuple(tuple(map(tuple, one)) for one in plain["pattern"])
        return cls(**values, sha256=sha256, start=start, digest=hashlib.sha256(start))

    def write(
        self, holes: list[Hole], texts: Mapping[str, str], words: Mapping[str, bytes], url: str
    ) -> Written:
        """``texts`` are the page's, ``words`` those that the file says of itself."""
        tail = _Tail(len(self.start))
        tail.add(self.content, self._page_content(holes))
        side, pixels = qr_image(url)
        tail.add(self.qr, _QR % (side, side, side, len(pixels), pixels))
        for number, before, parts, after in self.figures:
            tail.add(number, before + pdf_string(filled(parts, texts)) + after)
        if self.file_number:
            packed = zlib.compress(words["attachment"], 1)
            head = _joined(self.file, words) + b"/Length %d>>" % len(packed)
            tail.add(self.file_number, b"%s\nstream\n%s\nendstream" % (head, packed))
        tail.add(self.xmp_number, self._metadata(words))
        tail.add(self.info_number, _joined(self.info, words))
        return self._ended(tail, words["identifier"])

    def _page_content(self, holes: list[Hole]) -> bytes:
        parts = self.parts.copy()
        for x, glyphs, hole in self.holes:
            parts[x], parts[glyphs] = holes[hole]
        packed = zlib.compress(b"".join(parts), 1)
        head = b"<</Filter /FlateDecode/Length %d>>" % len(packed)
        return b"%s\nstream\n%s\nendstream" % (head, packed)

    def _metadata(self, words: Mapping[str, bytes]) -> bytes:
        body = _joined(self.xmp, words)
        return b"<</Type /Metadata/Subtype /XML/Length %d>>\nstream\n%s\nendstream" % (
            len(body), body,
        )  # fmt: skip

    def _ended(self, tail: "_Tail", identifier: bytes) -> Written:
        objects, digest = b"".join(tail.objects), self.digest.copy()
        digest.update(objects)
        second = digest.copy().hexdigest()[:32]
        ids = b"<%s> <%s>" % (identifier.hex().encode(), second.encode())
        at = tail.offsets[self.xref_number] = tail.end
        rows = [self.table[0]]
        for number, constant in zip(self.moving, self.table[1:], strict=True):
            rows += [b"\1%s\0\0" % tail.offsets[number].to_bytes(4, "big"), constant]
        table = b"".join(rows)
        number, root = self.xref_number, self.root[0]
        last = _XREF % (number, number + 1, root, self.info_number, ids, len(table), table, at)
        digest.update(last)
        return Written(self, objects + last, digest, at, ids)


class _Tail:
    """Objects one behind the other, and where each begins."""

    def __init__(self, start: int) -> None:
        self.objects: list[bytes] = []
        self.offsets: dict[int, int] = {}
        self.end = start

    def add(self, number: int, body: bytes) -> None:
        one = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        self.offsets[number] = self.end
        self.end += len(one)
        self.objects.append(one)


def pdf_string(text: str) -> bytes:
    if text.isascii():
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(%s)" % escaped.encode()
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()


def _joined(parts: list[Any], words: Mapping[str, bytes]) -> bytes:
    return b"".join([words[part] if at % 2 else part for at, part in enumerate(parts)])
