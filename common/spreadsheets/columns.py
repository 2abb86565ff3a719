"""The columns of a table that is written: heading, kind and width."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

# What a cell may be given. A date column also takes a bare year (int).
Written: TypeAlias = str | int | float | dt.date | None


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a sheet outside its table, over the columns ``first`` to ``last`` (from 0)."""

    text: str
    first: int
    last: int
    bold: bool = False
    italic: bool = False
    size: int = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands above and below a table, line by line; an empty line is left free."""

    above: tuple[tuple[Words, ...], ...] = ()
    below: tuple[tuple[Words, ...], ...] = ()
    filtered: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``heading`` and ``choices`` are text in the reader's language.

    ``text`` keeps whatever it is given as text, zeros and all; ``code`` is text from ``choices``,
    offered as a list in the sheet (if all
    of them take less than 255 characters and none holds a comma). ``width`` is in characters.
    """

    key: str
    heading: str
    kind: Literal["text", "date", "number", "code"] = "text"
    width: int = 16
    choices: tuple[str, ...] = ()
