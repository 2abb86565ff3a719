"""A finished file is read as a stranger would: by other libraries, from its bytes alone.

In a trial one mistake printed the first person's name on every certificate of a class; each was
valid in every validator.
"""

import io
import re
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import Any

from certificates.pdf.page import QR_MODULE

_SHOWN = re.compile(rb"/(\S+) \S+ Tf|\[(.*?)\] TJ", re.DOTALL)
_GLYPHS = re.compile(rb"<([0-9a-f]*)>")
_LETTER = re.compile(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>")
_QUIET = 4  # modules around a symbol


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
    """Keeps the alphabets of the fonts of one template: they are part of its constant bytes."""

    def __init__(self) -> None:
        self._alphabets: dict[str, dict[int, str]] = {}

    def differs(self, content: bytes, expected: Expected) -> str:
        """What does not read back as expected; empty where everything does."""
        import pikepdf

        with pikepdf.open(io.BytesIO(content)) as pdf:
            found = [
                ("text", self._shows(pdf, expected)),
                ("qr", _address(pdf) == expected.url),
                ("title", str(pdf.docinfo.get("/Title", "")) == expected.title),
                ("keywords", str(pdf.docinfo.get("/Keywords", "")) == expected.keywords),
                ("xmp", _escaped(expected.title) in pdf.Root.Metadata.read_bytes()),
                ("attachment", _attached(pdf) == expected.attachment),
            ]
        return ", ".join(name for name, agrees in found if not agrees)

    def _shows(self, pdf: Any, expected: Expected) -> bool:
        runs = self._drawn(pdf)
        page, edges = "".join(runs), set(accumulate(map(len, runs), initial=0))
        return all(_letters(text) in page for text in expected.texts) and all(
            _stands_between(edges, _letters(text), page) for text in expected.paragraphs
        )

    def _drawn(self, pdf: Any) -> list[str]:
        """The letters of each run of the page in the order in which they are drawn."""
        page = pdf.pages[0]
        fonts = page.Resources.Font
        shown: list[str] = []
        alphabet: dict[int, str] = {}
        for font, operand in _SHOWN.findall(page.Contents.read_bytes()):
            if font:
                alphabet = self._alphabet(font.decode(), fonts)
                continue
            codes = bytes.fromhex(b"".join(_GLYPHS.findall(operand)).decode())
            # Two bytes a glyph; what the font does not name comes out as another letter.
            shown.append(_letters(codes.decode("utf-16-be").translate(alphabet)))
        return shown

    def _alphabet(self, name: str, fonts: Any) -> dict[int, str]:
        if name not in self._alphabets:
            map_ = fonts[f"/{name}"].ToUnicode.read_bytes()
            self._alphabets[name] = {
                int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
                for code, text in _LETTER.findall(map_)
            }
        return self._alphabets[name]


def _letters(text: str) -> str:
    return text.replace(" ", "").replace("\u00a0", "")


def _stands_between(edges: set[int], text: str, page: str) -> bool:
    return any(start + len(text) in edges and page.startswith(text, start) for start in edges)


def _address(pdf: Any) -> str:
    """What a telephone reads from the page's one-bit picture."""
    import zxingcpp
    from PIL import Image, ImageOps

    for picture in pdf.pages[0].Resources.XObject.values():
        if picture.get("/BitsPerComponent") != 1:
            continue
        pixels, side = picture.read_bytes(), int(picture.Width) // QR_MODULE
        # A module is a byte of pixels, eight times the same row.
        rows = [pixels[at : at + side] for at in range(0, len(pixels), side * QR_MODULE)]
        if pixels != b"".join([row * QR_MODULE for row in rows]):
            return ""
        modules = Image.frombytes("L", (side, side), b"".join(rows))
        paper = ImageOps.expand(modules, _QUIET, 255).resize((2 * (side + 2 * _QUIET),) * 2, 0)
        kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        found = zxingcpp.read_barcodes(paper, kind, try_rotate=False, is_pure=True)
        return str(found[0].text) if found else ""
    return ""


def _attached(pdf: Any) -> bytes:
    files = pdf.Root.get("/AF", [])
    return bytes(files[0].EF.F.read_bytes()) if files else b""


def _escaped(text: str) -> bytes:
    return escape(text, quote=False).encode()
