"""A rendered page cut into what stays and what moves: a file without texts, and what fills it."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
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
    Run,
    content_of,
    extra_of,
    leaves,
)
from certificates.compiled.skeleton import Page, Skeleton

STANDIN = b"zq" * 6173  # stands for the attachment
_DATE = CREATED.strftime("D:%Y%m%d%H%M%SZ")
_XMP = {
    TITLE: "xml_title", AUTHOR: "xml_author", KEYWORDS: "xml_keywords",
    CREATED.strftime("%Y-%m-%dT%H:%M:%SZ"): "xml_created",
}  # fmt: skip
_INFO = {f"({TITLE})": "title", f"({AUTHOR})": "author", f"({KEYWORDS})": "keywords",
         _DATE: "created"}  # fmt: skip
_FILE = {
    hashlib.md5(STANDIN, usedforsecurity=False).hexdigest(): "checksum",
    str(len(STANDIN)): "size", _DATE: "file_created", "zqlengthqz": "length", "zqfileqz": "file",
}  # fmt: skip
_STRING = re.compile(rb"<feff([0-9a-f]*)>|\(((?:[^()\\]|\\.)*)\)", re.IGNORECASE)


def cut(
    skeleton: Skeleton, rendering: Rendering, page: Page
) -> tuple[list[bytes], list[list[int]], list[bytes]]:
    """The content stream as constants and holes, which hole is where, and the constant runs.

    What the model says of each hole must be what WeasyPrint wrote. Error: UnusualError.
    """
    runs = list(_runs_of_holes(skeleton, rendering, page))
    starts = {run.start() for run in runs}
    if not len(runs) == len(starts) == len(page.holes):
        raise UnusualError(Reason.DIFFERENT)
    constant = [run[5] for run in rendering.runs.values() if run.start() not in starts]
    parts: list[bytes] = []
    holes: list[list[int]] = []
    after, last = b"", 0
    for hole, run in sorted(enumerate(runs), key=lambda pair: pair[1].start()):
        holes.append([len(parts) + 1, len(parts) + 3, hole])
        before = after + rendering.stream[last : run.start()] + b"BT\n1 0 0 -1 "
        parts += [before, b"", b" %s Tm\n/%s %s Tf\n[" % (run[2], run[3], run[4]), b""]
        after, last = b"] TJ\nET", run.end()
    parts.append(after + rendering.stream[last:])
    return parts, holes, constant


def _runs_of_holes(skeleton: Skeleton, rendering: Rendering, page: Page) -> Iterator[Run]:
    holes = iter(page.holes)
    for line, expected in _lines_of_holes(skeleton, rendering, page):
        drawn = [box for box, _lead, _trail in leaves(line) if box.text.strip(" ")]
        if [box.text for box in drawn] != [text for _index, text in expected]:
            raise UnusualError(Reason.DIFFERENT)
        for box, hole in zip(drawn, holes, strict=False):
            run = rendering.run_of(box)
            if run is None or not _agree(hole, box.position_x, run[5]):
                raise UnusualError(Reason.DIFFERENT)
            yield run


def _lines_of_holes(skeleton: Skeleton, rendering: Rendering, page: Page) -> Iterator[Any]:
    # Each line with holes as WeasyPrint laid it out, and as the model did.
    lines, counts = iter(page.lines), iter([len(breaks) for breaks in page.pattern])
    if len(skeleton.blocks) != len(rendering.blocks):
        raise UnusualError(Reason.DIFFERENT)
    for with_holes, (_block, boxes) in zip(skeleton.blocks, rendering.blocks, strict=True):
        modelled = [one for hole in with_holes for one in [hole] * (next(counts) if hole else 1)]
        if len(modelled) != len(boxes):
            raise UnusualError(Reason.DIFFERENT)
        for hole, box in zip(modelled, boxes, strict=True):
            if hole:
                yield box, next(lines)


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


def freeze(skeleton: Skeleton, rendering: Rendering, shown: list[str]) -> dict[str, Any]:
    """The rest of a template: the file without texts, and the objects that a certificate fills.

    ``shown`` are the texts of the certificate that was rendered: none may stay.
    Takes the rendering apart. Error: UnusualError.
    """
    pdf = rendering.pdf
    xmp, qr = rendering.referred(pdf.catalog["Metadata"]), _qr_of(rendering)
    files = rendering.streams("Type", "/EmbeddedFile")
    template = {
        "xmp": _parts(content_of(xmp), _XMP),
        "root": pdf.catalog.data,
        "page": rendering.page.data,
        "alts": [alt for alt in skeleton.alts if len(alt) > 1],
    }
    objects = [*_figures(skeleton, rendering), *([one.number, _file(one)] for one in files)]
    info = pdf.info.data
    pdf.info.clear()
    for one in (rendering.content, qr, xmp, *files):
        one.stream, one.extra, one.compress = [], {}, False
    _refuse_what_would_stay(rendering, shown)
    start = _written(pdf)
    last = len(pdf.objects)  # the objects and their table are written
    numbers = {
        "content": rendering.content.number, "qr": qr.number, "xmp": xmp.number,
        "file": files[0].number if files else 0, "root": pdf.catalog.number,
        "page": rendering.page.number, "info": last, "last": last + 1,
    }  # fmt: skip
    objects.append([last, _parts(info, _INFO)])
    return template | {
        "objects": objects, "numbers": numbers, "start": start, "start_at": pdf.xref_position,
    }  # fmt: skip


def _qr_of(rendering: Rendering) -> Any:
    side = qr_image(rendering.url)[0]
    images = rendering.streams("Subtype", "/Image")
    found = [one for one in images if one.extra["Width"] == side == one.extra["Height"]]
    if len(found) != 1:  # it cannot be told from other pictures
        raise UnusualError(Reason.DESIGN)
    return found[0]


def _figures(skeleton: Skeleton, rendering: Rendering) -> Iterator[list[Any]]:
    import pydyf

    with_holes = zip(rendering.figures(), skeleton.alts, strict=True)
    for at, figure in enumerate([figure for figure, alt in with_holes if len(alt) > 1]):
        figure["Alt"] = pydyf.String("zqalt")
        parts = _parts(figure.data, {"(zqalt)": f"alt{at}"})
        del figure["Alt"]
        yield [figure.number, parts]


def _file(attached: Any) -> list[Any]:
    import pydyf

    head = pydyf.Dictionary({**attached.extra, "Filter": "/FlateDecode", "Length": "zqlengthqz"})
    return _parts(head.data + b"\nstream\nzqfileqz\nendstream", _FILE)


def _parts(data: bytes, marks: dict[str, str]) -> list[Any]:
    """Constant, name, constant, name … constant."""
    parts = re.split(b"(%s)" % b"|".join(re.escape(mark.encode()) for mark in marks), data)
    return [marks[part.decode()] if at % 2 else part for at, part in enumerate(parts)]


def _refuse_what_would_stay(rendering: Rendering, shown: list[str]) -> None:
    import pydyf

    words = ["zq", *(word for word in shown if len(word) > 2)]
    for thing in rendering.pdf.objects[1:]:
        if thing is rendering.pdf.catalog:  # it names a standard of 1966
            continue
        data = pydyf.Dictionary(extra_of(thing)).data if hasattr(thing, "extra") else thing.data
        for wide, plain in _STRING.findall(data):
            text = bytes.fromhex(wide.decode()).decode("utf-16-be") or plain.decode("latin-1")
            if any(word in text for word in words):
                raise UnusualError(Reason.DIFFERENT)


def _written(pdf: Any) -> bytes:
    import pydyf

    for thing in pdf.objects:
        if isinstance(thing, pydyf.Stream) and thing.compress:
            thing.stream, thing.compress = [_packed(content_of(thing))], False
            thing.extra["Filter"] = "/FlateDecode"
    output = io.BytesIO()
    pdf.write(output, version=b"1.7", compress=True)
    return output.getvalue()


@lru_cache(maxsize=32)  # every template has the same fonts, pictures and profile
def _packed(content: bytes) -> bytes:
    return zlib.compress(content, 9)
