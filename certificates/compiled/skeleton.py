"""A page laid out with short tokens in the place of texts: what it is, whatever stands there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from certificates.compiled.lines import Filled, Hole, Line, Paragraph, Pattern, Piece
from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.rendering import Rendering, leaves, texts_of
from certificates.compiled.shaping import Face

_TOKEN = re.compile(r"zq(\d\d\d)qz")
_ALIGN = {"start": 0.0, "left": 0.0, "center": 0.5, "end": 1.0, "right": 1.0}


def token(place: int) -> str:
    return f"zq{place:03d}qz"


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its texts in it: the pattern of breaks, and all that stands in the holes."""

    pattern: Pattern
    holes: list[Hole]
    lines: list[list[Line]]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """``blocks``: for each block of the page which of its lines are paragraphs with holes.

    ``alts``: the alternative texts, as constants and names. ``fonts``: SHA-256 of the font files
    by their names in the PDF. ``constant``: the runs that no hole touches.
    """

    names: list[str]
    fits: bool
    paragraphs: list[Paragraph] = field(default_factory=list)
    blocks: list[list[bool]] = field(default_factory=list)
    alts: list[list[str]] = field(default_factory=list)
    fonts: dict[str, str] = field(default_factory=dict)
    constant: list[bytes] = field(default_factory=list)

    @property
    def fonts_of_holes(self) -> list[str]:
        return sorted({piece.font for one in self.paragraphs for piece in one.pieces})

    def fill(self, values: Mapping[str, str], faces: Mapping[str, Face]) -> Page:
        """Error: UnusualError."""
        filled: list[Filled] = [one.fill(values, faces) for one in self.paragraphs]
        return Page(
            tuple([one.breaks for one in filled]),
            [hole for one in filled for hole in one.holes],
            [one.lines for one in filled],
        )

    def to_plain(self) -> dict[str, Any]:
        return {
            "names": self.names,
            "fits": self.fits,
            "paragraphs": [one.to_plain() for one in self.paragraphs],
            "blocks": self.blocks,
            "alts": self.alts,
            "fonts": self.fonts,
            "constant": self.constant,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Skeleton":
        paragraphs = [Paragraph.from_plain(one) for one in plain["paragraphs"]]
        return cls(**{**plain, "paragraphs": paragraphs})


def read_skeleton(rendering: Rendering, names: list[str]) -> Skeleton:
    """Error: UnusualError, where a line with a hole is not of a kind that is modelled."""
    if not rendering.fits:
        return Skeleton(names, fits=False)
    found = [[_paragraph(rendering, names, block, line) for line in lines]
             for block, lines in rendering.blocks]  # fmt: skip
    paragraphs = [one for block in found for one in block if one]
    if not paragraphs:
        raise UnusualError(Reason.DESIGN)
    return Skeleton(
        names,
        fits=True,
        paragraphs=paragraphs,
        blocks=[[one is not None for one in block] for block in found],
        alts=[_split(alt["Alt"].string, names) for alt in figures_of(rendering.pdf)],
    )


def figures_of(pdf: Any) -> list[Any]:
    return [o for o in pdf.objects
            if isinstance(o, dict) and o.get("S") == "/Figure" and "Alt" in o]  # fmt: skip


def _split(text: str, names: list[str]) -> list[str]:
    parts = _TOKEN.split(text)
    return [names[int(part)] if at % 2 else part for at, part in enumerate(parts)]


def _paragraph(rendering: Rendering, names: list[str], block: Any, line: Any) -> Paragraph | None:
    if not _TOKEN.search("".join(texts_of(line))):
        return None
    align = _ALIGN.get(block.style["text_align_all"])
    style = block.style
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
    return Piece(
        tuple(_split(box.text, names)),
        run[3].decode(),
        # Pango's unit is 1/1024 px.
        round(float(run[4]) * 1024) / 1024,
        style["lang"] or "vi",
        style["white_space"] in ("nowrap", "pre"),
        *spaces,
    )
