"""Columns of a written table (heading, kind, width) and the text around it."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

# What a cell may be given. A date column also takes a bare year (int).
CellValue: TypeAlias = str | int | float | dt.date | None
Kind: TypeAlias = Literal["text", "date", "number", "code"]


@dataclass(frozen=True, slots=True)
class Words:
    """Text outside the table, over the columns ``first`` to ``last`` (from 0).

    It is aligned to the bottom of its row, or the top (``at_top``); ``under`` follows in italics.
    """

    text: str
    first: int
    last: int
    bold: bool = False
    italic: bool = False
    size: int = 12
    at_top: bool = False
    under: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a table: the lines above and below it; an empty line is left free.

    Words above make it a paper, with lines around its cells. In a ``wrapped`` table texts wrap and
    rows are as high as they need: for what is printed, as it costs some time for each row. Rows
    are at least ``row_height`` points high, to sign in by pen. ``breaks`` are the columns
    (from 0) that begin another page.
    """

    above: tuple[tuple[Words, ...], ...] = ()
    below: tuple[tuple[Words, ...], ...] = ()
    wrapped: bool = False
    row_height: int = 0
    breaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``heading`` and ``choices`` are text in the reader's language.

    ``text`` keeps whatever it is given as text, zeros and all; ``code`` is text from ``choices``,
    offered as a list in the sheet (if all of them take less than 255 characters and none holds a
    comma). ``width`` is in characters. A column that ``names`` says whose row it is: where a table
    takes several pages, it and what stands before it are printed on each.
    """

    key: str
    heading: str
    kind: Kind = "text"
    width: int = 16
    choices: tuple[str, ...] = ()
    names: bool = False
