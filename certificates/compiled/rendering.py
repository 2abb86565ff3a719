"""One run of WeasyPrint, with everything of it that a template needs."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.shaping import Face
from certificates.pdf import CertificateRenderer
from certificates.pdf.page import qr_png
from common.pdf import Asset, Attachment, Drawing, Metadata, PdfError

# What the file says of itself: replaced in every certificate.
TITLE, AUTHOR, KEYWORDS = "zqtitleqz", "zqauthorqz", "zqkeywordsqz"
CREATED = dt.datetime(2001, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
_RUN = re.compile(rb"BT\n1 0 0 -1 (\S+) (\S+) Tm\n/(\S+) (\S+) Tf\n\[(.*?)\] TJ\nET", re.DOTALL)

# A block with its line boxes.
Block = tuple[Any, list[Any]]
Run = re.Match[bytes]


class Rendering:
    """``runs``: the text runs of the content stream by where they begin.

    Error: UnusualError, where the page does not suffice.
    """

    def __init__(
        self,
        renderer: CertificateRenderer,
        html: str,
        url: str,
        attachment: Attachment | None,
        repertoire: "Repertoire",
    ) -> None:
        self.url = url
        drawing = _drawn(renderer, html, url, attachment, _Fonts(repertoire))
        self.blocks = _blocks(drawing.pages[0])
        self.pdf = drawing.pdf
        self.page = next(one for one in self.pdf.objects if kind_of(one) == "/Page")
        self.content = self.referred(self.page["Contents"])
        self.stream = content_of(self.content)
        self.runs = {_place(float(m[1]), float(m[2])): m for m in _RUN.finditer(self.stream)}

    def run_of(self, box: Any) -> Run | None:
        """The run that draws a text box: the one that begins there, to a hundredth of a px."""
        x, y = _place(box.position_x, box.position_y + box.baseline)
        near = ((x + i, y + j) for i in (0, -1, 1) for j in (0, -1, 1))
        return next((self.runs[place] for place in near if place in self.runs), None)

    def referred(self, reference: Any) -> Any:
        text = reference.decode() if isinstance(reference, bytes) else str(reference)
        return self.pdf.objects[int(text.split()[0])]

    def streams(self, name: str, kind: str) -> list[Any]:
        return [one for one in self.pdf.objects if extra_of(one).get(name) == kind]

    def figures(self) -> list[Any]:
        dictionaries = [one for one in self.pdf.objects if isinstance(one, dict)]
        return [one for one in dictionaries if one.get("S") == "/Figure" and "Alt" in one]


def _drawn(
    renderer: CertificateRenderer,
    html: str,
    url: str,
    attachment: Attachment | None,
    fonts: "_Fonts",
) -> Drawing:
    about = Metadata(
        title=TITLE, author=AUTHOR, keywords=(KEYWORDS,), created=CREATED, identifier=b"0" * 16
    )
    try:
        return renderer.pages.draw(
            html,
            metadata=about,
            assets={"qr": Asset(_qr_png(url), "image/png")},
            attachments=[attachment] if attachment else [],
            fonts=fonts,
            max_pages=1,
        )
    except PdfError as error:
        if error.code != "does_not_fit":
            raise
        raise UnusualError(Reason.PAGE) from None


# Every certificate brings its own: one symbol stands for all of a length.
_qr_png = lru_cache(maxsize=8)(qr_png)


class Repertoire:
    """Fonts with every letter that a hole may ask for, by their names in the file."""

    def __init__(self) -> None:
        self.faces: dict[str, Face] = {}
        self.data: dict[str, bytes] = {}
        self._subsets: dict[str, bytes] = {}

    def complete(self, font: Any) -> None:
        """Embed the repertoire instead of the letters of one text. Error: UnusualError."""
        from weasyprint.text.fonts import get_hb_object_data

        name = font.hash
        if name not in self.faces:
            self.data[name] = get_hb_object_data(font.hb_face)
            self.faces[name] = Face(self.data[name])
        face = self.faces[name]
        if not (
            face.letters.keys() >= set(font.to_unicode) and face.widths.keys() >= set(font.widths)
        ):
            raise UnusualError(Reason.LETTERS)
        font.to_unicode, font.widths = dict(face.letters), dict(face.widths)
        if name not in self._subsets:
            type(font).clean(font, font.to_unicode, False)
            self._subsets[name] = font.file_content
        font.file_content = self._subsets[name]


class _Fonts(dict[Any, Any]):
    """A document's fonts: WeasyPrint asks each to clean itself before it is embedded."""

    def __init__(self, repertoire: Repertoire) -> None:
        super().__init__()
        self._repertoire = repertoire

    def __setitem__(self, key: Any, font: Any) -> None:
        font.clean = lambda _letters, _hinting: self._repertoire.complete(font)
        super().__setitem__(key, font)


def leaves(box: Any, lead: float = 0.0) -> list[tuple[Any, float, float]]:
    """The text boxes of a line in order, each with the margins before and after it."""
    from weasyprint.formatting_structure import boxes

    found: list[tuple[Any, float, float]] = []
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            found.append((child, lead, 0.0))
        elif isinstance(child, boxes.InlineBox):
            before = child.margin_left + child.padding_left + child.border_left_width
            inner = leaves(child, lead + before)
            if not inner:
                continue  # a forced line break
            last, own, after = inner[-1]
            after += child.margin_right + child.padding_right + child.border_right_width
            found += [*inner[:-1], (last, own, after)]
        else:
            raise UnusualError(Reason.LAYOUT)
        lead = 0.0
    return found


def extra_of(thing: Any) -> dict[str, Any]:
    return getattr(thing, "extra", None) or {}


def kind_of(thing: Any) -> Any:
    return thing.get("Type") if isinstance(thing, dict) else None


def content_of(stream: Any) -> bytes:
    import pydyf

    return b"\n".join(map(pydyf._to_bytes, stream.stream))


def _blocks(box: Any) -> list[Block]:
    # In the document's order.
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout.absolute import AbsolutePlaceholder

    if isinstance(box, AbsolutePlaceholder):
        box = box._box
    children = getattr(box, "children", ())
    lines = [child for child in children if isinstance(child, boxes.LineBox)]
    return [(box, lines)] if lines else [one for child in children for one in _blocks(child)]


def _place(x: float, y: float) -> tuple[int, int]:
    return round(x * 100), round(y * 100)
