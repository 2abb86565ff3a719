"""A rendered page cut into what stays and what moves: constant objects, holes, tables."""

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from certificates.compiled.lines import Hole
from certificates.compiled.qr import qr_image
from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.rendering import (
    AUTHOR,
    CREATED,
    KEYWORDS,
    TITLE,
    Rendering,
    leaves,
    number_of,
)
from certificates.compiled.skeleton import Page, Skeleton, figures_of

# A stream of so many bytes (fonts, pictures, the frame) is kept once, whatever templates use it.
SHARED_FROM = 2_000
STANDIN = b"zq" * 6173  # stands for the attachment
_PDF_DATE = CREATED.strftime("D:%Y%m%d%H%M%SZ").encode()
_MARKS_OF_XMP = {
    TITLE.encode(): "xml_title", AUTHOR.encode(): "xml_author", KEYWORDS.encode(): "xml_keywords",
    CREATED.strftime("%Y-%m-%dT%H:%M:%SZ").encode(): "xml_created",
}  # fmt: skip
_MARKS_OF_INFO = {
    b"(%s)" % TITLE.encode(): "title", b"(%s)" % AUTHOR.encode(): "author",
    b"(%s)" % KEYWORDS.encode(): "keywords", _PDF_DATE: "created",
}  # fmt: skip
_MARKS_OF_FILE = {
    hashlib.md5(STANDIN, usedforsecurity=False).hexdigest().encode(): "checksum",
    str(len(STANDIN)).encode(): "size", _PDF_DATE: "file_created",
}  # fmt: skip
_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"


def cut(
    skeleton: Skeleton, rendering: Rendering, page: Page
) -> tuple[list[bytes], list[list[int]], list[bytes]]:
    """The content stream as constants and holes, which hole is where, and the constant runs.

    What the model says of each hole must be what WeasyPrint wrote. Error: UnusualError.
    """
    runs = dict(_runs_of_holes(skeleton, rendering, page))
    if len(runs) != len(page.holes):
        raise UnusualError(Reason.DIFFERENT)
    starts = {run.start() for run in runs.values()}
    constant = [run[5] for run in rendering.runs.values() if run.start() not in starts]
    parts: list[bytes] = []
    holes: list[list[int]] = []
    after, last = b"", 0
    for hole, run in sorted(runs.items(), key=lambda pair: pair[1].start()):
        holes.append([len(parts) + 1, len(parts) + 3, hole])
        before = after + _tidy(rendering.stream[last : run.start()]) + b"BT\n1 0 0 -1 "
        parts += [before, b"", b" %s Tm\n/%s %s Tf\n[" % (run[2], run[3], run[4]), b""]
        after, last = b"] TJ\nET", run.end()
    parts.append(after + _tidy(rendering.stream[last:]))
    return parts, holes, constant


def _runs_of_holes(
    skeleton: Skeleton, rendering: Rendering, page: Page
) -> Iterator[tuple[int, "re.Match[bytes]"]]:
    at = 0
    for boxes, line in _lines_of_holes(skeleton, rendering, page):
        drawn = [box for box, _lead, _trail in leaves(boxes) if box.text.strip(" ")]
        if [box.text for box in drawn] != [text for _index, text in line]:
            raise UnusualError(Reason.DIFFERENT)
        for box in drawn:
            run = rendering.run_of(box)
            if run is None or not _agree(page.holes[at], box.position_x, run[5]):
                raise UnusualError(Reason.DIFFERENT)
            yield at, run
            at += 1


def _lines_of_holes(
    skeleton: Skeleton, rendering: Rendering, page: Page
) -> Iterator[tuple[Any, list[tuple[int, str]]]]:
    # Each line with holes as WeasyPrint laid it out, and as the model did.
    paragraphs = iter(page.lines)
    if len(skeleton.blocks) != len(rendering.blocks):
        raise UnusualError(Reason.DIFFERENT)
    for with_holes, (_block, boxes) in zip(skeleton.blocks, rendering.blocks, strict=True):
        expected = [line for hole in with_holes for line in (next(paragraphs) if hole else [None])]
        if len(expected) != len(boxes):
            raise UnusualError(Reason.DIFFERENT)
        for box, line in zip(boxes, expected, strict=True):
            if line is not None:
                yield box, line


def _agree(hole: Hole, x: float, drawn: bytes) -> bool:
    """The same place, the same glyphs, and kernings that differ by a thousandth at most."""
    ours, theirs = _glyphs(hole[1]), _glyphs(drawn)
    return (
        abs(float(hole[0]) - x) <= 0.01
        and [glyph for glyph, _kerning in ours] == [glyph for glyph, _kerning in theirs]
        and all(abs(a[1] - b[1]) <= 1 for a, b in zip(ours[:-1], theirs[:-1], strict=True))
    )


def _glyphs(operand: bytes) -> list[list[int]]:
    found: list[list[int]] = []
    for glyphs, kerning in re.findall(rb"<([0-9a-f]*)>|(-?[0-9.]+)", operand):
        if kerning:
            found[-1][1] += int(float(kerning))
        else:
            found += [[int(glyphs[at : at + 4], 16), 0] for at in range(0, len(glyphs), 4)]
    return found


def _tidy(stream: bytes) -> bytes:
    # Kernings of nothing are left out.
    return re.sub(
        rb"\[[^\]]*\] TJ",
        lambda run: run[0].replace(b">0<", b"").replace(b">0]", b">]").replace(b"<>", b" "),
        stream,
    )


class Freezer:
    """The objects of a rendered page that are the same in every certificate, as bytes."""

    def __init__(self, skeleton: Skeleton, rendering: Rendering) -> None:
        self._pdf = pdf = rendering.pdf
        self._content = rendering.content.number
        self._qr = _qr_number(rendering)
        self._xmp = number_of(pdf.catalog["Metadata"])
        files = [o.number for o in pdf.objects if _extra(o).get("Type") == "/EmbeddedFile"]
        self._file = files[0] if files else 0
        self._figures = list(_figures(skeleton, pdf))
        self._page = rendering.page
        self._moving = {self._content, self._qr, self._xmp, self._file} - {0}
        self._moving |= {number for number, *_rest in self._figures}
        self._reached = _reached(pdf)

    def frozen(self, shown: list[str]) -> dict[str, Any]:
        """``shown`` are the texts of the certificate that was rendered: none may stay."""
        pdf, info = self._pdf, len(self._pdf.objects)
        prefix, entries = self._prefix(info + 1)
        self._refuse_what_would_stay(shown)
        moving = sorted(self._moving | {info, info + 2})
        return {
            "content": self._content,
            "qr": self._qr,
            "file": _file_parts(pdf.objects[self._file]) if self._file else [],
            "file_number": self._file,
            "xmp": _parts(b"".join(map(_bytes, pdf.objects[self._xmp].stream)), _MARKS_OF_XMP),
            "xmp_number": self._xmp,
            "figures": self._figures,
            "info": _parts(pdf.info.data, _MARKS_OF_INFO),
            "info_number": info,
            "xref_number": info + 2,
            "root": [pdf.catalog.number, pdf.catalog.data],
            "page": [self._page.number, self._page.data],
            "moving": moving,
            "table": _table(entries, moving),
            "prefix": prefix,
        }

    def _prefix(self, bundle: int) -> tuple[list[bytes], list[tuple[int, int, int]]]:
        """The beginning of the file, in pieces, and the entries of its cross-reference table."""
        import pydyf

        prefix, entries, small = [_HEADER], [(0, 0, 0)] * (bundle + 2), []
        length = len(_HEADER)
        for thing in self._constant():
            if not isinstance(thing, pydyf.Stream):
                small.append(thing)
                continue
            entries[thing.number] = (1, length, 0)
            content = b"\n".join(map(_bytes, thing.stream))
            data = _stream(pydyf.Dictionary(thing.extra).data, content, thing.compress)
            pieces = [b"%d 0 obj\n" % thing.number, data, b"\nendobj\n"]
            length += sum(map(len, pieces))
            prefix += pieces
        index, body = b"", b""
        for place, thing in enumerate(small):
            entries[thing.number] = (2, bundle, place)
            index += b"%d %d " % (thing.number, len(body))
            body += thing.data + b"\n"
        extra = {"Type": "/ObjStm", "N": len(small), "First": len(index)}
        packed = pydyf.Stream([index + body], extra, compress=True)
        packed.number = bundle
        entries[bundle] = (1, length, 0)
        return [*prefix, packed.indirect + b"\n"], entries

    def _constant(self) -> list[Any]:
        kept = self._reached - self._moving
        return [o for o in self._pdf.objects[1:] if o.number in kept and o is not self._pdf.info]

    def _refuse_what_would_stay(self, shown: list[str]) -> None:
        words = [word for word in shown if len(word) > 2]
        for thing in self._constant():
            if thing is self._pdf.catalog:
                continue
            for text in _strings(_values(thing)):
                if "zq" in text or any(word in text for word in words):
                    raise UnusualError(Reason.DIFFERENT)


def _qr_number(rendering: Rendering) -> int:
    side = qr_image(rendering.url)[0]
    images = [o for o in rendering.pdf.objects if _extra(o).get("Subtype") == "/Image"]
    found = [o.number for o in images if o.extra["Width"] == side == o.extra["Height"]]
    if len(found) != 1:  # it cannot be told from other pictures
        raise UnusualError(Reason.DESIGN)
    number: int = found[0]
    return number


def _figures(skeleton: Skeleton, pdf: Any) -> Iterator[list[Any]]:
    import pydyf

    for figure, parts in zip(figures_of(pdf), skeleton.alts, strict=True):
        if len(parts) > 1:
            figure["Alt"] = pydyf.String("zqalt")
            before, after = figure.data.split(b"(zqalt)")
            yield [figure.number, before, parts, after]


@lru_cache(maxsize=32)  # every template has the same fonts, pictures and profile
def _stream(head: bytes, content: bytes, compress: bool) -> bytes:
    if compress:
        head, content = head[:-2] + b"/Filter /FlateDecode>>", zlib.compress(content, 9)
    return b"%s/Length %d>>\nstream\n%s\nendstream" % (head[:-2], len(content), content)


def _file_parts(stream: Any) -> list[Any]:
    import pydyf

    head = pydyf.Dictionary({**stream.extra, "Filter": "/FlateDecode"})
    return _parts(head.data[:-2], _MARKS_OF_FILE)


def _bytes(part: Any) -> bytes:
    import pydyf

    return bytes(pydyf._to_bytes(part))


def _parts(data: bytes, marks: Mapping[bytes, str]) -> list[Any]:
    """Constant, name, constant, name … constant."""
    either = b"|".join(re.escape(mark) for mark in marks)
    parts = re.split(b"(%s)" % either, data)
    return [marks[part] if at % 2 else part for at, part in enumerate(parts)]


def _table(entries: list[tuple[int, int, int]], moving: list[int]) -> list[bytes]:
    # The cross-reference table as constant stretches between the entries that move.
    rows = [
        b"%c%s%s" % (kind, a.to_bytes(4, "big"), b.to_bytes(2, "big")) for kind, a, b in entries
    ]
    starts = [0, *(number + 1 for number in moving)]
    ends = [*moving, len(rows)]
    return [b"".join(rows[start:end]) for start, end in zip(starts, ends, strict=True)]


def _extra(thing: Any) -> Mapping[str, Any]:
    return getattr(thing, "extra", None) or {}


def _values(thing: Any) -> Any:
    return thing if isinstance(thing, dict | list) else thing.extra


def _reached(pdf: Any) -> set[int]:
    seen: set[int] = set()
    todo = {pdf.catalog.number}
    while todo:
        number = todo.pop()
        seen.add(number)
        todo |= _references(_values(pdf.objects[number])) - seen
    return seen


def _references(value: Any) -> set[int]:
    import pydyf

    if isinstance(value, pydyf.String):
        return set()
    if isinstance(value, dict):
        return {number for one in value.values() for number in _references(one)}
    if isinstance(value, list | tuple):
        spread = {value[at - 2] for at, one in enumerate(value) if one == "R" and at > 1}
        return spread | {number for one in value for number in _references(one)}
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return {int(n) for n in re.findall(r"\b(\d+) 0 R\b", text)} if isinstance(text, str) else set()


def _strings(value: Any) -> Iterator[str]:
    import pydyf

    if isinstance(value, pydyf.String):
        text = value.string
        yield text if isinstance(text, str) else text.decode("latin-1")
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)
