"""Paragraphs with holes: where WeasyPrint breaks their lines and where it puts each piece.

The model covers lines broken at spaces, as late as possible. Close calls and other breaks are
for WeasyPrint: they raise ``UnusualError``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.shaping import Face, shaped_line

# px: what fits, or does not, by less than this is left to WeasyPrint. Where it breaks, blanks and
# margins at the ends count in ways that are not modelled; a line that it need not break does not.
GUARD = 0.5
GUARD_OF_ONE_LINE = 0.02
# WeasyPrint breaks behind these too.
_INNER_BREAK = re.compile(r"[-–—/\\|?!&…](?=[^ ])")
_WORD = re.compile(r"[^ ]+ *")

# A line: pieces by their number, with the text that stands in it.
Line = list[tuple[int, str]]
# A hole: x, and the operand of TJ.
Hole = tuple[bytes, bytes]
# For every paragraph and line the pieces in it.
Pattern = tuple[tuple[tuple[int, ...], ...], ...]


class Piece(NamedTuple):
    """A stretch of text in one font; ``lead``, ``trail`` (margins) and ``gap`` (the blank before)
    in px. ``parts`` are a constant, a name, a constant, a name … a constant.
    """

    parts: tuple[str, ...]
    font: str
    size: float
    lang: str
    nowrap: bool
    lead: float = 0.0
    trail: float = 0.0
    gap: float = 0.0


# A line's pieces, each with the operand of TJ and its width in px.
Shaped = list[tuple[Piece, bytes, float]]


class Paragraph(NamedTuple):
    """``align`` is 0 (left) to 1 (right); ``left`` and ``available`` in px."""

    pieces: tuple[Piece, ...]
    left: float
    available: float
    align: float

    @classmethod
    def from_plain(cls, plain: list[Any]) -> "Paragraph":
        pieces, *place = plain
        return cls(tuple(Piece(tuple(parts), *others) for parts, *others in pieces), *place)

    def texts(self, values: Mapping[str, str]) -> tuple[str, ...]:
        return tuple([filled(piece.parts, values) for piece in self.pieces])


class Filled(NamedTuple):
    """A paragraph with its texts in it."""

    lines: list[Line]
    holes: list[Hole]
    breaks: tuple[tuple[int, ...], ...]


def filled(parts: tuple[str, ...] | list[str], values: Mapping[str, str]) -> str:
    texts = list(parts)
    texts[1::2] = [values[name] for name in texts[1::2]]
    return "".join(texts)


class Filling:
    """Fills one paragraph; ``faces`` are those of its pieces. The same one for equal paragraphs."""

    def __init__(self, paragraph: Paragraph, faces: tuple[Face, ...]) -> None:
        self.paragraph = paragraph
        self._pieces, self._faces = paragraph.pieces, faces
        self._left, self._align = paragraph.left, paragraph.align
        self._available = paragraph.available
        # Of several spans with blanks between them WeasyPrint moves a whole one to the next
        # line, if it finds room there.
        self._spans_move = any(piece.gap for piece in paragraph.pieces)

    def fill(self, texts: tuple[str, ...]) -> Filled:
        """Error: UnusualError."""
        whole = list(enumerate(texts))
        shaped = self._shaped(whole)
        if _width(shaped) < self._available - GUARD_OF_ONE_LINE:
            lines, holes = [whole], self._placed(shaped)
        else:
            lines = self._broken(whole)
            holes = [hole for line in lines for hole in self._placed(self._shaped(line))]
        return Filled(
            lines, holes, tuple([tuple([index for index, _text in line]) for line in lines])
        )

    def _shaped(self, line: Line) -> Shaped:
        return [
            (piece := self._pieces[index],
             *shaped_line(self._faces[index], text, piece.size, piece.lang))
            for index, text in line
        ]  # fmt: skip

    def _placed(self, shaped: Shaped) -> list[Hole]:
        x = self._left + self._align * (self._available - _width(shaped))
        holes = []
        for at, (piece, glyphs, width) in enumerate(shaped):
            x += piece.lead + (piece.gap if at else 0)
            # With three decimals glyphs would move by a quarter of a pixel.
            holes.append((b"%.6f" % x, glyphs))
            x += width + piece.trail
        return holes

    def _broken(self, whole: Line) -> list[Line]:
        lines: list[Line] = []
        current: Line = []
        for unit in self._units(whole):
            longer = _joined(current + unit)
            left = self._available - _width(self._shaped(_stripped(longer)))
            if left >= GUARD:
                current = longer
                continue
            # By a hair, or not even alone on its line.
            own = self._available - _width(self._shaped(_stripped(_joined(unit))))
            if left > -GUARD or own < GUARD:
                raise UnusualError(Reason.NARROW)
            lines.append(_stripped(current))
            current = _joined(unit)
        return [*lines, _stripped(current)]

    def _units(self, whole: Line) -> list[Line]:
        """What stays together: words, or spans that move as a whole."""
        units: list[Line] = []
        may_end = False
        for index, text in whole:
            piece = self._pieces[index]
            stays = piece.nowrap or self._spans_move
            if text.startswith(" ") or not (stays or _INNER_BREAK.search(text) is None):
                raise UnusualError(Reason.NARROW)
            may_end = may_end or piece.gap > 0
            for word in [text] if stays else _WORD.findall(text):
                if may_end or not units:
                    units.append([])
                units[-1].append((index, word))
                may_end = word.endswith(" ") and not stays
        return units


filling = lru_cache(maxsize=2_000)(Filling)


# The same text stands on many pages: where its lines break is asked for once.
@lru_cache(maxsize=5_000)
def filled_with(filling: Filling, texts: tuple[str, ...]) -> Filled:
    """Error: UnusualError."""
    return filling.fill(texts)


def _width(shaped: Shaped) -> float:
    total = 0.0
    for at, (piece, _glyphs, width) in enumerate(shaped):
        total += piece.lead + width + piece.trail
        total += piece.gap if at else 0
    return total


def _joined(words: Line) -> Line:
    out: Line = []
    for index, word in words:
        if out and out[-1][0] == index:
            out[-1] = (index, out[-1][1] + word)
        else:
            out.append((index, word))
    return out


def _stripped(line: Line) -> Line:
    *others, (index, text) = line
    return [*others, (index, text.rstrip(" "))]
