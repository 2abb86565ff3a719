"""A finished file is read back from its bytes alone.

In a trial one mistake printed the first person's name on every certificate of a class; each was
valid in every validator. So every file's own part is read by a small reader, which shares nothing
with what wrote it; other libraries read the whole file for the first of each template and for
one in a hundred.
"""

import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import accumulate, chain, pairwise, starmap
from math import isqrt
from typing import Any

from certificates.compiled.writing import Template, Written
from certificates.pdf.page import QR_MODULE

BY_LIBRARIES = 100
_FONT = re.compile(rb"/(\S+) \S+ Tf")
_SHOWN = re.compile(rb"/(\S+) \S+ Tf|\[(.*?)\] TJ", re.DOTALL)
_GLYPHS = re.compile(rb"<([0-9a-f]*)>")
_LETTER = re.compile(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>")
_LENGTH = re.compile(rb"/Length (\d+)>>\nstream\n")
_STRING = rb" (?:<feff([0-9a-f]*)>|\(((?:[^()\\]|\\.)*)\))"
_TITLE, _KEYWORDS = re.compile(b"/Title" + _STRING), re.compile(b"/Keywords" + _STRING)
_PAGE = 2_000  # px: no page is wider
_ROW = 7  # bytes of a cross-reference


class Alphabet(dict[int, str]):
    """Letters by glyphs. Error: ValueError for a glyph that the font does not name."""

    def __missing__(self, glyph: int) -> str:
        raise ValueError(f"glyph {glyph} has no letter")


@dataclass(frozen=True, slots=True)
class Expected:
    """``texts`` are drawn, ``paragraphs`` from end to end: or *An* would be found in *Anh*.

    ``title`` and ``keywords`` stand in the file's own description.
    """

    texts: tuple[str, ...]
    paragraphs: tuple[str, ...]
    url: str
    title: str
    keywords: str
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
            between = template.parts[x + 1]
            (font,) = _FONT.findall(between)
            before = template.parts[x - 1]
            self._holes.append((before, between, alphabets[font], paragraphs[hole]))
        self._first = True

    def differs(self, written: Written, expected: Expected) -> str:
        """What does not read back as expected; empty where everything does."""
        try:
            found = self._differs(written.tail, expected)
            if self._first or int(written.sha256[:8], 16) % BY_LIBRARIES == 0:
                found += _differs_by_libraries(written.content, expected)
        except ValueError:
            return "file"
        self._first = False
        return ", ".join(found)

    def _differs(self, tail: bytes, expected: Expected) -> list[str]:
        file, template = _Tail(tail, template=self._template), self._template
        info, xmp = file.object(template.info_number), file.stream(template.xmp_number)
        stream = zlib.decompress(file.stream(template.content))
        attached = template.file_number and zlib.decompress(file.stream(template.file_number))
        found = {
            "text": self._shows(stream, expected),
            "qr": _read_symbol(file.stream(template.qr)) == expected.url,
            "title": _string(_TITLE, info) == expected.title,
            "keywords": _string(_KEYWORDS, info) == expected.keywords,
            "xmp": _escaped(expected.title) in xmp,
            "attachment": (attached or b"") == expected.attachment,
        }
        return [name for name, agrees in found.items() if not agrees]

    def _shows(self, stream: bytes, expected: Expected) -> bool:
        """Whether every paragraph is made of its runs, and the rest is the template's.

        Error: ValueError.
        """
        runs: list[list[str]] = [[] for _paragraph in self._template.pattern]
        at = 0
        for before, between, alphabet, paragraph in self._holes:
            x = at + len(before)
            end_of_x = stream.index(between, x)
            if not (stream.startswith(before, at) and 0 <= float(stream[x:end_of_x]) < _PAGE):
                return False
            glyphs = end_of_x + len(between)
            at = stream.index(b"]", glyphs)
            runs[paragraph].append(_letters(stream[glyphs:at], alphabet))
        page = _unspaced("".join(chain.from_iterable(runs)))
        return (
            stream[at:] == self._template.parts[-1]
            and all(starmap(_is_made_of, zip(expected.paragraphs, runs, strict=True)))
            and all(_unspaced(text) in page for text in expected.texts)
        )


class _Tail:
    """The moving objects of a file, found by its own cross-references. Error: ValueError."""

    def __init__(self, tail: bytes, template: Template) -> None:
        self._tail, self._start = tail, len(template.start)
        table = self._stream(int(tail[tail.rindex(b"startxref\n") + 10 : -6]))
        moving = template.moving
        edges = [-1, *moving, len(table) // _ROW]
        constant = [table[(a + 1) * _ROW : b * _ROW] for a, b in pairwise(edges)]
        if constant != template.table:
            raise ValueError("constant objects have moved")
        rows = {number: table[number * _ROW :][:_ROW] for number in moving}
        self._offsets = {
            number: int.from_bytes(row[1:5], "big") for number, row in rows.items() if row[0] == 1
        }

    def object(self, number: int) -> bytes:
        at, head = self._offsets.get(number, 0) - self._start, b"%d 0 obj\n" % number
        if at < 0 or not self._tail.startswith(head, at):
            raise ValueError("an object is not where it should be")
        return self._tail[at : self._tail.index(b"\nendobj\n", at)]

    def stream(self, number: int) -> bytes:
        self.object(number)
        return self._stream(self._offsets[number])

    def _stream(self, offset: int) -> bytes:
        found = _LENGTH.search(self._tail, offset - self._start)
        if found is None:
            raise ValueError("no stream")
        return self._tail[found.end() : found.end() + int(found[1])]


def _letters(operand: bytes, alphabet: Alphabet) -> str:
    # Two bytes a glyph. Error: ValueError.
    codes = bytes.fromhex(b"".join(_GLYPHS.findall(operand)).decode())
    return codes.decode("utf-16-be").translate(alphabet).replace("\u00a0", " ")


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


def _string(pattern: re.Pattern[bytes], dictionary: bytes) -> str | None:
    found = pattern.search(dictionary)
    if found is None:
        return None
    if found[1] is not None:
        return bytes.fromhex(found[1].decode()).decode("utf-16-be")
    return re.sub(rb"\\(.)", rb"\1", found[2]).decode()


def _escaped(text: str) -> bytes:
    return escape(text, quote=False).encode()


def _read_symbol(packed: bytes) -> str:
    """What a telephone reads: a module is a byte of pixels, eight times the same row."""
    rows = zlib.decompress(packed)
    side = isqrt(len(rows) // QR_MODULE)
    row = (side + 1) * QR_MODULE
    above = (b"\2" + bytes(side)) * (QR_MODULE - 1)
    modules = [rows[at + 1 : at + 1 + side] for at in range(0, len(rows), row)]
    if rows != b"".join([b"\0" + one + above for one in modules]):
        return ""
    return _read_modules(side, modules)


def _read_modules(side: int, modules: list[bytes]) -> str:
    import zxingcpp

    quiet, width = b"\xff" * 4, side + 8
    paper = [quiet * width, *(quiet + one + quiet for one in modules), quiet * width]
    pixels: Any = memoryview(b"".join(paper)).cast("B", (width, width))
    found = zxingcpp.read_barcodes(
        pixels, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=False, try_downscale=False, try_invert=False, is_pure=True,
    )  # fmt: skip
    return str(found[0].text) if found else ""


# By other libraries ---------------------------------------------------------------------


def _differs_by_libraries(content: bytes, expected: Expected) -> list[str]:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        runs = [_unspaced(run) for run in _drawn(pdf)]
        files: Any = pdf.Root.get("/AF", [])
        found = {
            "text": all(_unspaced(text) in "".join(runs) for text in expected.texts)
            and all(_stands_between(_unspaced(text), runs) for text in expected.paragraphs),
            "qr": expected.url in _addresses(pdf),
            "title": str(pdf.docinfo.get("/Title", "")) == expected.title,
            "keywords": str(pdf.docinfo.get("/Keywords", "")) == expected.keywords,
            "xmp": _escaped(expected.title) in pdf.Root.Metadata.read_bytes(),
            "attachment": b"".join([one.EF.F.read_bytes() for one in files[:1]])
            == expected.attachment,
        }
    return [f"{name} by libraries" for name, agrees in found.items() if not agrees]


def _stands_between(text: str, runs: Sequence[str]) -> bool:
    page, edges = "".join(runs), set(accumulate(map(len, runs), initial=0))
    return any(start + len(text) in edges and page.startswith(text, start) for start in edges)


def _drawn(pdf: Any) -> list[str]:
    """The letters of each run of the page in the order in which they are drawn."""
    alphabets, alphabet = _alphabets_of(pdf), Alphabet()
    shown: list[str] = []
    for font, operand in _SHOWN.findall(pdf.pages[0].Contents.read_bytes()):
        if font:
            alphabet = alphabets[font]
        else:
            shown.append(_letters(operand, alphabet))
    return shown


def _addresses(pdf: Any) -> list[str]:
    import pikepdf
    import zxingcpp

    pictures = [pikepdf.PdfImage(one).as_pil_image() for one in pdf.pages[0].get_images().values()]
    return [found.text for one in pictures for found in zxingcpp.read_barcodes(one)]


def _alphabets(content: bytes) -> dict[bytes, Alphabet]:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        return _alphabets_of(pdf)


def _alphabets_of(pdf: Any) -> dict[bytes, Alphabet]:
    fonts = pdf.pages[0].Resources.Font
    return {
        name.encode()[1:]: _alphabet(font.ToUnicode.read_bytes()) for name, font in fonts.items()
    }


@lru_cache(maxsize=32)
def _alphabet(cmap: bytes) -> Alphabet:
    return Alphabet(
        (int(code, 16), bytes.fromhex(text.decode()).decode("utf-16-be"))
        for code, text in _LETTER.findall(cmap)
    )
