"""Paragraphs with holes: where WeasyPrint breaks their lines and where it puts each piece.

The model covers lines broken at spaces, as late as possible. Close calls and other breaks are
for WeasyPrint: they raise ``UnusualError``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.shaping import Face

# px: what fits, or does not, by less than this is left to WeasyPrint. Where it breaks, blanks and
# margins at the ends count in ways that are not modelled; a line that it need not break does not.
GUARD = 0.5
GUARD_OF_ONE_LINE = 0.02
_INNER_BREAK = re.compile(r"[^-–—/\\|?!&…]*[-–—/\\|?!&…]+(?=[^ ])")
_WORD = re.compile(r"[^ ]+ *")
_UNUSUAL_SPACES = re.compile(r"^ | $|  |[\t\n\f\r]")
_MOST_FILLED = 5_000

# A line: pieces by their number, with the text that stands in it.
Line = list[tuple[int, str]]
# A hole: x, and the operand of TJ.
Hole = tuple[bytes, bytes]
# For every paragraph and line the pieces in it.
Pattern = tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Piece:
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

    def text(self, values: Mapping[str, str]) -> str:
        return filled(self.parts, values)


def filled(parts: tuple[str, ...], values: Mapping[str, str]) -> str:
    return "".join([values[part] if at % 2 else part for at, part in enumerate(parts)])


@dataclass(frozen=True, slots=True)
class Filled:
    """A paragraph with its texts in it."""

    breaks: tuple[tuple[int, ...], ...]
    holes: list[Hole]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``align`` is 0 (left) to 1 (right); ``left`` and ``available`` in px."""

    pieces: tuple[Piece, ...]
    left: float
    available: float
    align: float
    _known: dict[tuple[str, ...], Filled] = field(default_factory=dict, compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for piece in self.pieces for name in piece.parts[1::2]))

    def text(self, values: Mapping[str, str]) -> str:
        return "".join([piece.text(values) for piece in self.pieces])

    def to_plain(self) -> list[Any]:
        pieces = [[list(p.parts), p.font, p.size, p.lang, p.nowrap, p.lead, p.trail, p.gap]
                  for p in self.pieces]  # fmt: skip
        return [pieces, self.left, self.available, self.align]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> "Paragraph":
        pieces, left, available, align = plain
        made = tuple(Piece(tuple(parts), *others) for parts, *others in pieces)
        return cls(made, left, available, align)

    def fill(self, values: Mapping[str, str], faces: Mapping[str, Face]) -> Filled:
        """Error: UnusualError."""
        texts = tuple([piece.text(values) for piece in self.pieces])
        found = self._known.get(texts)
        if found is None:
            for name in self.names:
                if _UNUSUAL_SPACES.search(values[name]):
                    raise UnusualError(Reason.SPACES)
            if len(self._known) >= _MOST_FILLED:
                self._known.clear()
            found = self._known[texts] = _Filling(self, faces).fill(texts)
        return found


class _Filling:
    def __init__(self, paragraph: Paragraph, faces: Mapping[str, Face]) -> None:
        self._pieces, self._faces = paragraph.pieces, faces
        self._left, self._available, self._align = (
            paragraph.left,
            paragraph.available,
            paragraph.align,
        )
        # Of several spans with blanks between them WeasyPrint moves a whole one to the next
        # line, if it finds room there.
        self._spans_move = any(piece.gap for piece in paragraph.pieces)

    def fill(self, texts: tuple[str, ...]) -> Filled:
        whole = list(enumerate(texts))
        one_line = self._width(whole) < self._available - GUARD_OF_ONE_LINE
        lines = [whole] if one_line else self._broken(whole)
        holes = [hole for line in lines for hole in self._placed(line)]
        return Filled(tuple(tuple(index for index, _text in line) for line in lines), holes, lines)

    def _placed(self, line: Line) -> list[Hole]:
        x = self._left + self._align * (self._available - self._width(line))
        holes = []
        for at, (index, text) in enumerate(line):
            piece = self._pieces[index]
            x += piece.lead + (piece.gap if at else 0)
            glyphs, width = self._line(piece, text)
            # With three decimals glyphs would move by a quarter of a pixel.
            holes.append((b"%.6f" % x, glyphs))
            x += width + piece.trail
        return holes

    def _line(self, piece: Piece, text: str) -> tuple[bytes, float]:
        return self._faces[piece.font].line(text, piece.size, piece.lang)

    def _width(self, line: Line) -> float:
        total = 0.0
        for at, (index, text) in enumerate(line):
            piece = self._pieces[index]
            width = self._line(piece, text)[1]
            total += piece.lead + width + piece.trail + (piece.gap if at else 0)
        return total

    def _broken(self, whole: Line) -> list[Line]:
        lines: list[Line] = []
        current: Line = []
        for unit in self._units(whole):
            longer = _joined(current + unit)
            available = self._available - self._width(_stripped(longer))
            if abs(available) < GUARD:
                raise UnusualError(Reason.NARROW)
            if available > 0:
                current = longer
                continue
            if not current:
                raise UnusualError(Reason.NARROW)
            self._refuse_breaks_inside(current, unit)
            lines.append(_stripped(current))
            current = _joined(unit)
            if self._width(_stripped(current)) > self._available - GUARD:
                raise UnusualError(Reason.NARROW)
        return [*lines, _stripped(current)]

    def _units(self, whole: Line) -> list[Line]:
        """What stays together: words, or spans that move as a whole."""
        units: list[Line] = []
        may_end = False
        for index, text in whole:
            piece = self._pieces[index]
            if text.startswith(" "):
                raise UnusualError(Reason.SPACES)
            stays = piece.nowrap or self._spans_move
            may_end = may_end or piece.gap > 0
            for word in [text] if stays else _WORD.findall(text):
                if may_end or not units:
                    units.append([])
                units[-1].append((index, word))
                may_end = word.endswith(" ") and not stays
        return units

    def _refuse_breaks_inside(self, current: Line, unit: Line) -> None:
        # WeasyPrint breaks after hyphens and slashes too, where the part before still fits.
        for at, (index, word) in enumerate(unit):
            if self._pieces[index].nowrap or self._spans_move:
                continue
            if inner := _INNER_BREAK.match(word):
                part = _joined([*current, *unit[:at], (index, inner[0])])
                if self._width(part) < self._available + GUARD:
                    raise UnusualError(Reason.NARROW)


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
