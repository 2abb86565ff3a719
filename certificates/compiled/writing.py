"""A certificate's bytes: the template's file, and behind it all that differs, as an update."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from certificates.compiled.lines import Hole, Pattern, filled
from certificates.compiled.qr import qr_image

_QR = (
    b"/Type /XObject/Subtype /Image/Width %d/Height %d/ColorSpace /DeviceGray/BitsPerComponent 1"
    b"/Interpolate false/Filter /FlateDecode"
    b"/DecodeParms <</Predictor 15/BitsPerComponent 1/Columns %d>>"
)
_TABLE = b"/Type /XRef/Size %d/W [1 4 2]/Index [%s]/Prev %d%s"
_END = b"startxref\n%d\n%%%%EOF\n"


class Update:
    """Objects behind the end of a file (ISO 32000-1, 7.5.6)."""

    def __init__(self, end: int) -> None:
        self.end = end
        self._written: list[bytes] = []
        self._offsets: dict[int, int] = {}

    @property
    def content(self) -> bytes:
        return b"".join(self._written)

    def add(self, number: int, body: bytes) -> None:
        self.begin(number, b"%s\nendobj\n" % body)

    def begin(self, number: int, body: bytes) -> None:
        self._offsets[number] = self.end
        self._written.append(b"%d 0 obj\n%s" % (number, body))
        self.end += len(self._written[-1])

    def finish(self, number: int, previous: int, trailer: bytes) -> None:
        """Its cross-references, as object ``number``; the file's own are at ``previous``."""
        at = self._offsets[number] = self.end
        rows = sorted(self._offsets.items())
        index = b" ".join([b"%d 1" % one for one, _offset in rows])
        table = b"".join([b"\1%s\0\0" % offset.to_bytes(4, "big") for _one, offset in rows])
        head = _TABLE % (number + 1, index, previous, trailer)
        self.add(number, stream(head, table))
        self._written.append(_END % at)


@dataclass(frozen=True, slots=True)
class Written:
    """An unsigned file, with what a signature must know of it."""

    template: "Template"
    tail: bytes
    digest: Any
    xref_at: int
    trailer: bytes

    @property
    def content(self) -> bytes:
        return self.template.start + self.tail

    @property
    def sha256(self) -> str:
        return str(self.digest.hexdigest())

    def __len__(self) -> int:
        return len(self.template.start) + len(self.tail)


@dataclass(frozen=True)
class Template:
    """``sha256`` names it in the store and in the register, ``skeleton`` what it was made from.

    ``start`` is a file without texts, its cross-references ``start_at``. In ``parts`` of the page's
    content ``holes`` say where x and glyphs of which hole belong. ``numbers`` are those of objects:
    ``content``, ``qr``, ``xmp``, ``info``, ``file`` (0 without one), ``root``, ``page``, ``last``.
    ``xmp``, ``objects`` (by number) and ``alts`` are constants and names, in turn; ``root`` and
    ``page`` are what a signature adds to.
    """

    sha256: str
    skeleton: str
    pattern: Pattern
    parts: list[bytes]
    holes: list[list[int]]
    start: bytes
    start_at: int
    numbers: dict[str, int]
    xmp: list[Any]
    objects: list[Any]
    alts: list[list[str]]
    root: bytes
    page: bytes

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], sha256: str) -> "Template":
        pattern = tuple(tuple(map(tuple, one)) for one in plain["pattern"])
        return cls(**{**plain, "pattern": pattern, "sha256": sha256})

    @cached_property
    def _digest(self) -> Any:
        return hashlib.sha256(self.start)

    def write(
        self, holes: list[Hole], texts: Mapping[str, str], words: Mapping[str, bytes], url: str
    ) -> Written:
        """``texts`` are the page's, ``words`` those that the file says of itself."""
        alts = {f"alt{at}": pdf_string(filled(alt, texts)) for at, alt in enumerate(self.alts)}
        update, numbers, words = Update(len(self.start)), self.numbers, {**words, **alts}
        packed = zlib.compress(self._page_content(holes), 1)
        update.add(numbers["content"], stream(b"/Filter /FlateDecode", packed))
        side, pixels = qr_image(url)
        update.add(numbers["qr"], stream(_QR % (side, side, side), pixels))
        xmp = joined(self.xmp, words)
        update.add(numbers["xmp"], stream(b"/Type /Metadata/Subtype /XML", xmp))
        for number, parts in self.objects:
            update.add(number, joined(parts, words))
        return self._finished(update, words["identifier"].hex().encode())

    def _page_content(self, holes: list[Hole]) -> bytes:
        parts = self.parts.copy()
        for x, glyphs, hole in self.holes:
            parts[x], parts[glyphs] = holes[hole]
        return b"".join(parts)

    def _finished(self, update: Update, identifier: bytes) -> Written:
        second = hashlib.sha256(update.content).hexdigest()[:32].encode()
        trailer = b"/Root %d 0 R/Info %d 0 R/ID [<%s> <%s>]" % (
            self.numbers["root"], self.numbers["info"], identifier, second,
        )  # fmt: skip
        xref_at = update.end
        update.finish(self.numbers["last"], self.start_at, trailer)
        tail, digest = update.content, self._digest.copy()
        digest.update(tail)
        return Written(self, tail, digest, xref_at, trailer)


def stream(head: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (head, len(content), content)


def pdf_string(text: str) -> bytes:
    if text.isascii():
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(%s)" % escaped.encode()
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()


def joined(parts: list[Any], words: Mapping[str, bytes]) -> bytes:
    return b"".join([words[part] if at % 2 else part for at, part in enumerate(parts)])
