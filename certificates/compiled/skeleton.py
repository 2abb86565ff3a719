"""A page laid out with short tokens in the place of texts: what it is, whatever stands there."""

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple

from certificates.compiled.lines import (
    Filling,
    Hole,
    Line,
    Paragraph,
    Pattern,
    Piece,
    filled_with,
    filling,
)
from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.rendering import Rendering, leaves
from certificates.compiled.shaping import Face

_TOKEN = re.compile(r"zq(\d\d\d)qz")
_UNUSUAL_SPACES = re.compile(r"(?:^|\0) | (?:\0|$)|  |[\t\n\f\r]")
_ALIGN = {"start": 0.0, "left": 0.0, "center": 0.5, "end": 1.0, "right": 1.0}


def token(place: int) -> str:
    return f"zq{place:03d}qz"


class Page(NamedTuple):
    """A page with its texts in it: the pattern of breaks, and all that stands in the holes."""

    pattern: Pattern
    holes: list[Hole]
    lines: list[Line]


class Skeleton(NamedTuple):
    """``blocks``: for each block of the page which of its lines are paragraphs with holes.

    ``alts``: the alternative texts, as constants and names. ``fonts``: SHA-256 of the font files
    by their names in the PDF. ``constant``: the runs that no hole touches.
    """

    names: list[str]
    fits: bool
    paragraphs: list[Paragraph]
    blocks: list[list[bool]]
    alts: list[list[str]]
    fonts: dict[str, str]
    constant: list[bytes]

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Skeleton":
        paragraphs = [Paragraph.from_plain(one) for one in plain["paragraphs"]]
        return cls(**{**plain, "paragraphs": paragraphs})

    def fillings(self, faces: Mapping[str, Face]) -> list[Filling]:
        return [filling(one, tuple([faces[piece.font] for piece in one.pieces]))
                for one in self.paragraphs]  # fmt: skip

    def fill(self, values: Mapping[str, str], fillings: list[Filling]) -> Page:
        """Error: UnusualError."""
        if _UNUSUAL_SPACES.search("\0".join([values[name] for name in self.names])):
            raise UnusualError(Reason.SPACES)
        found = [filled_with(one, one.paragraph.texts(values)) for one in fillings]
        return Page(
            tuple([one.breaks for one in found]),
            list(chain.from_iterable([one.holes for one in found])),
            list(chain.from_iterable([one.lines for one in found])),
        )


def read_skeleton(rendering: Rendering, names: list[str]) -> Skeleton:
    """Error: UnusualError, where a line with a hole is not of a kind that is modelled."""
    found = [[_paragraph(rendering, names, block, line) for line in lines]
             for block, lines in rendering.blocks]  # fmt: skip
    paragraphs = [one for block in found for one in block if one]
    if not paragraphs:
        raise UnusualError(Reason.DESIGN)
    blocks = [[one is not None for one in block] for block in found]
    alts = [_split(figure["Alt"].string, names) for figure in rendering.figures()]
    return Skeleton(names, True, paragraphs, blocks, alts, {}, [])


def _split(text: str, names: list[str]) -> list[str]:
    return [names[int(part)] if at % 2 else part for at, part in enumerate(_TOKEN.split(text))]


def _paragraph(rendering: Rendering, names: list[str], block: Any, line: Any) -> Paragraph | None:
    if not _TOKEN.search("".join(_texts_of(line))):
        return None
    align, style = _ALIGN.get(block.style["text_align_all"]), block.style
    if align is None or style["direction"] != "ltr" or style["text_indent"].value:
        raise UnusualError(Reason.LAYOUT)
    pieces: list[Piece] = []
    gap = 0.0
    for box, lead, trail in leaves(line):
        if box.text.strip(" "):
            pieces.append(_piece(rendering, names, box, (lead, trail, gap)))
            gap = 0.0
        else:  # a blank between spans takes width, but draws nothing
            gap += lead + box.width + trail
    return Paragraph(tuple(pieces), block.content_box_x(), block.width, align)


def _texts_of(box: Any) -> list[str]:
    if hasattr(box, "text"):
        return [box.text]
    return [text for child in getattr(box, "children", ()) for text in _texts_of(child)]


def _piece(
    rendering: Rendering, names: list[str], box: Any, spaces: tuple[float, float, float]
) -> Piece:
    style = box.style
    spaced = style["letter_spacing"] not in ("normal", 0) or style["word_spacing"]
    if spaced or style["text_transform"] != "none":
        raise UnusualError(Reason.LAYOUT)
    run = rendering.run_of(box)
    if run is None:  # it is drawn in several fonts
        raise UnusualError(Reason.LETTERS)
    # Pango's unit is 1/1024 px.
    size = round(float(run[4]) * 1024) / 1024
    nowrap = style["white_space"] in ("nowrap", "pre")
    parts = tuple(_split(box.text, names))
    return Piece(parts, run[3].decode(), size, style["lang"] or "vi", nowrap, *spaces)
