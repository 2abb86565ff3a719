"""A finished file is read back from its bytes alone.

In a trial one mistake printed the first person's name on every certificate of a class; each was
valid in every validator. So every file's own part is read by a small reader, which shares nothing
with what wrote it; other libraries read the whole file for the first of each template and for
one in a hundred.
"""

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from itertools import chain
from math import isqrt
from typing import Any, NamedTuple

from certificates.compiled.writing import Template, Written
from certificates.pdf.page import QR_MODULE

BY_LIBRARIES = 100
_FONT = re.compile(rb"/(\S+) \S+ Tf")
_GLYPHS = re.compile(rb"<([0-9a-f]*)>")
_LETTER = re.compile(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>")
_STREAM = re.compile(rb"\d+ 0 obj\n<<(.*?)/Length (\d+)>>\nstream\n", re.DOTALL)
_STRING = rb" (?:<feff([0-9a-f]*)>|\(((?:[^()\\]|\\.)*)\))"
_TITLE, _KEYWORDS = re.compile(b"/Title" + _STRING), re.compile(b"/Keywords" + _STRING)
_PAGE = 2_000  # px: no page is wider
_ROW = 7  # bytes of a cross-reference


class Alphabet(dict[int, str]):
    """Letters by glyphs. Error: ValueError for a glyph that the font does not name."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # a dict has none

    def __missing__(self, glyph: int) -> str:
        raise ValueError(f"glyph {glyph} has no letter")


class Expected(NamedTuple):
    """``texts`` are drawn, ``paragraphs`` from end to end: or *An* would be found in *Anh*.

    ``title`` and ``keywords`` stand in the file's own description.
    """

    texts: tuple[str, ...]
    paragraphs: tuple[str, ...]
    url: str
    title: str
    keywords: str
    attachment: bytes


class Found(NamedTuple):
    """What a file holds: ``page`` are the operators that draw it."""

    page: bytes
    url: str
    title: str | None
    keywords: str | None
    xmp: bytes
    attachment: bytes


class Reader:
    """Reads the files of one template. What they have in common it takes from the first."""

    def __init__(self, first: Written) -> None:
        self._template = template = first.template
        # In the order in which they are drawn: what comes before a hole's place and its glyphs.
        paragraphs = [
            at for at, lines in enumerate(template.pattern) for line in lines for _run in line
        ]
        alphabets = _alphabets(first.content)
        self._holes: list[tuple[bytes, bytes, Alphabet, int]] = []
        for x, _glyphs, hole in template.holes:
            before, between = template.parts[x - 1], template.parts[x + 1]
            (font,) = _FONT.findall(between)
            self._holes.append((before, between, alphabets[font], paragraphs[hole]))
        self._first = True

    def differs(self, written: Written, expected: Expected) -> str:
        """What does not read back as expected; empty where everything does."""
        try:
            differs = [self._differs(one, expected) for one in self._readings(written)]
        except (ValueError, zlib.error):
            return "file"
        self._first = False
        return ", ".join(chain.from_iterable(differs))

    def _readings(self, written: Written) -> Iterator[Found]:
        yield read(written.tail, self._template)
        if self._first or int(written.sha256[:8], 16) % BY_LIBRARIES == 0:
            yield read_by_libraries(written.content)

    def _differs(self, found: Found, expected: Expected) -> list[str]:
        same = {
            "text": self._shows(found.page, expected),
            "qr": found.url == expected.url,
            "title": found.title == expected.title,
            "keywords": found.keywords == expected.keywords,
            "xmp": escape(expected.title, quote=False).encode() in found.xmp,
            "attachment": found.attachment == expected.attachment,
        }
        return [name for name, agrees in same.items() if not agrees]

    def _shows(self, page: bytes, expected: Expected) -> bool:
        """Whether every paragraph is made of its runs, and the rest is the template's.

        Error: ValueError.
        """
        runs: list[list[str]] = [[] for _paragraph in self._template.pattern]
        at = 0
        for before, between, alphabet, paragraph in self._holes:
            x = at + len(before)
            end_of_x = page.index(between, x)
            if not (page.startswith(before, at) and 0 <= float(page[x:end_of_x]) < _PAGE):
                return False
            glyphs = end_of_x + len(between)
            at = page.index(b"]", glyphs)
            runs[paragraph].append(_letters(page[glyphs:at], alphabet))
        letters = _unspaced("".join(chain.from_iterable(runs)))
        return (
            page[at:] == self._template.parts[-1]
            and all(map(_is_made_of, expected.paragraphs, runs))
            and all(_unspaced(text) in letters for text in expected.texts)
        )


def _is_made_of(text: str, runs: Sequence[str]) -> bool:
    """Blanks may be missing between runs, where lines end, but not within one."""
    rest = text.replace("\u00a0", " ")
    for run in runs:
        rest = rest.lstrip(" ")
        if not rest.startswith(run):
            return False
        rest = rest.removeprefix(run)
    return not rest.strip(" ")


def _unspaced(text: str) -> str:
    return text.replace(" ", "").replace("\u00a0", "")


@lru_cache(maxsize=5_000)
def _letters(operand: bytes, alphabet: Alphabet) -> str:
    # Two bytes a glyph. Error: ValueError.
    codes = bytes.fromhex(b"".join(_GLYPHS.findall(operand)).decode())
    return codes.decode("utf-16-be").translate(alphabet).replace("\u00a0", " ")


# By its own bytes -----------------------------------------------------------------------


def read(tail: bytes, template: Template) -> Found:
    """Error: ValueError."""
    numbers, offsets = template.numbers, _offsets(tail, template)
    info = tail[offsets[numbers["info"]] :].partition(b"\nendobj\n")[0]
    attached = numbers["file"] and _stream(tail, offsets[numbers["file"]])[1]
    return Found(
        page=zlib.decompress(_stream(tail, offsets[numbers["content"]])[1]),
        url=_read_symbol(_stream(tail, offsets[numbers["qr"]])[1]),
        title=_string(_TITLE, info),
        keywords=_string(_KEYWORDS, info),
        xmp=_stream(tail, offsets[numbers["xmp"]])[1],
        attachment=zlib.decompress(attached) if attached else b"",
    )


def _offsets(tail: bytes, template: Template) -> dict[int, int]:
    """Where each object of the update begins in the tail: the template's objects, and no others."""
    numbers, start = template.numbers, len(template.start)
    head, table = _stream(tail, int(tail[tail.rindex(b"startxref\n") + 10 : -6]) - start)
    named = [numbers[name] for name in ("content", "qr", "xmp", "last")]
    moving = sorted([*named, *(number for number, _parts in template.objects)])
    index = b" ".join([b"%d 1" % number for number in moving])
    expected = b"/Type /XRef/Size %d/W [1 4 2]/Index [%s]/Prev %d/Root %d 0 R/Info %d 0 R/ID [" % (
        moving[-1] + 1, index, template.start_at, numbers["root"], numbers["info"],
    )  # fmt: skip
    if not head.startswith(expected) or len(table) != len(moving) * _ROW:
        raise ValueError("constant objects have moved")
    offsets = {}
    for number, at in zip(moving, range(0, len(table), _ROW), strict=True):
        offsets[number] = offset = int.from_bytes(table[at + 1 : at + 5], "big") - start
        if offset < 0 or not tail.startswith(b"%d 0 obj\n" % number, offset) or table[at] != 1:
            raise ValueError("an object is not where it should be")
    return offsets


def _stream(tail: bytes, offset: int) -> tuple[bytes, bytes]:
    """Dictionary and content. Error: ValueError."""
    found = _STREAM.match(tail, offset)
    if found is None:
        raise ValueError("no stream")
    return found[1], tail[found.end() : found.end() + int(found[2])]


def _string(pattern: re.Pattern[bytes], dictionary: bytes) -> str | None:
    found = pattern.search(dictionary)
    if found is None:
        return None
    if found[1] is not None:
        return bytes.fromhex(found[1].decode()).decode("utf-16-be")
    return re.sub(rb"\\(.)", rb"\1", found[2]).decode()


def _read_symbol(packed: bytes) -> str:
    """What a telephone reads: a module is a byte of pixels, eight times the same row."""
    import zxingcpp

    rows = zlib.decompress(packed)
    side = isqrt(len(rows) // QR_MODULE)
    row = (side + 1) * QR_MODULE
    above = (b"\2" + bytes(side)) * (QR_MODULE - 1)
    modules = [rows[at + 1 : at + 1 + side] for at in range(0, len(rows), row)]
    if rows != b"".join([b"\0" + one + above for one in modules]):
        return ""
    quiet, width = b"\xff" * 4, side + 8
    paper = [quiet * width, *(quiet + one + quiet for one in modules), quiet * width]
    pixels: Any = memoryview(b"".join(paper)).cast("B", (width, width))
    found = zxingcpp.read_barcodes(
        pixels, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=False, try_downscale=False, try_invert=False, is_pure=True,
    )  # fmt: skip
    return str(found[0].text) if found else ""


# By other libraries ---------------------------------------------------------------------


def read_by_libraries(content: bytes) -> Found:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        page, files = pdf.pages[0], list(pdf.attachments.values())
        images: Any = page.get_images().values()
        pictures = [pikepdf.PdfImage(one).as_pil_image() for one in images]
        grey = [one.convert("L") for one in pictures]
        urls = [url for one in grey for url in _codes(one.size, one.tobytes())]
        return Found(
            page=page.Contents.read_bytes(),
            url=urls[0] if len(urls) == 1 else "",
            title=str(pdf.docinfo.get("/Title", "")),
            keywords=str(pdf.docinfo.get("/Keywords", "")),
            xmp=pdf.Root.Metadata.read_bytes(),
            attachment=files[0].get_file().read_bytes() if files else b"",
        )


@lru_cache(maxsize=32)  # a signature picture stands in every file
def _codes(size: tuple[int, int], pixels: bytes) -> list[str]:
    import zxingcpp
    from PIL import Image

    return [found.text for found in zxingcpp.read_barcodes(Image.frombytes("L", size, pixels))]


def _alphabets(content: bytes) -> dict[bytes, Alphabet]:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts: Any = pdf.pages[0].Resources.Font
        return {name.encode()[1:]: _alphabet(one.ToUnicode.read_bytes())
                for name, one in fonts.items()}  # fmt: skip


@lru_cache(maxsize=32)
def _alphabet(cmap: bytes) -> Alphabet:
    return Alphabet(
        (int(code, 16), bytes.fromhex(text.decode()).decode("utf-16-be"))
        for code, text in _LETTER.findall(cmap)
    )
