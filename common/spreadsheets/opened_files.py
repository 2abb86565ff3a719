"""Sheets of a foreign file, parsed in child processes and read row by row."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any, Final

import orjson

from common import bounded
from common.bounded import Limits, Spool
from common.deferred_messages import message_from_json
from common.spreadsheets import parsers
from common.spreadsheets.containers import MAX_PACKED
from common.spreadsheets.errors import SpreadsheetError, refuse
from common.spreadsheets.sheets import CellError, Formula, MergedRange, Row, Sheet, Value

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


@dataclass
class OpenedFile:
    content: bytes
    name: str
    limits: Limits
    _whole: dict[int, Spool] = field(default_factory=dict)
    _strays: dict[int, list[str]] = field(default_factory=dict)

    def sheets(self) -> list[Sheet]:
        if len(self.content) > MAX_PACKED:
            raise refuse("file_too_large")
        try:
            named = [
                (str(name), bool(hidden), int(shift))
                for name, hidden, shift in orjson.loads(next(iter(self._first)))
            ]
        except (ValueError, TypeError, StopIteration):
            raise refuse("damaged_file") from None
        return [self._sheet(at, *head) for at, head in enumerate(named)]

    def _sheet(self, at: int, name: str, hidden: bool, epoch_shift: int) -> Sheet:
        return Sheet(
            name=name,
            read_rows=lambda: self._rows(at),
            read_merged=lambda: self._merged(at),
            hidden=hidden,
            read_strays=lambda: self._strays.get(at, []),
            epoch_shift=epoch_shift,
        )

    @cached_property
    def _first(self) -> Spool:
        return self._read(None)

    def _read(self, only: int | None) -> Spool:
        # As long as a sheet name may be, and spreadsheet programs cut it.
        name = PurePath(self.name).stem[:31]
        return bounded.spool(parsers.read_sheets, self.content, name, only, limits=self.limits)

    def _rows(self, at: int) -> Iterator[Row]:
        given = 0
        for piece in _pieces(self._first, at):
            if isinstance(piece, list):
                given += len(piece)
                yield from _rows(piece)
            elif piece.get("more"):
                yield from self._further(at, given)
            else:
                self._end(at, piece)

    def _end(self, at: int, piece: dict[str, Any]) -> None:
        """Handles a sheet's last piece: skipped cells, or damage."""
        if "strays" not in piece:
            raise _error(piece)
        self._strays[at] = [str(cell) for cell in piece["strays"]]

    def _further(self, at: int, given: int) -> Iterator[Row]:
        if at not in self._whole:
            self._whole[at] = self._read(at)
        for piece in _pieces(self._whole[at], at):
            if not isinstance(piece, list):
                self._end(at, piece)
                continue
            skipped, given = piece[given:], max(0, given - len(piece))
            yield from _rows(skipped)

    def _merged(self, at: int) -> list[MergedRange]:
        areas = bounded.run(
            parsers.read_merged, self.content, PurePath(self.name).stem[:31], at, limits=self.limits
        )
        return [MergedRange(*area) for area in areas]


def _pieces(spool: Spool, at: int) -> Iterator[Any]:
    wanted, size = parsers.PIECE.pack(at), parsers.PIECE.size
    pieces = iter(spool)
    next(pieces, None)
    for piece in pieces:
        if piece[:size] == wanted:
            try:
                yield orjson.loads(piece[size:])
            except ValueError:
                raise refuse("damaged_file") from None


def _rows(piece: list[Any]) -> Iterator[Row]:
    make, plain = Row._make, _PLAIN
    try:
        for number, values, *mark in piece:
            cells = tuple([v if v.__class__ in plain else _special(v) for v in values])
            yield make((number, cells, mark[0] if mark else ""))
    except (TypeError, ValueError, LookupError):
        raise refuse("damaged_file") from None


_days: dict[str, dt.date] = {}
_MOST_DAYS: Final = 20_000


def _day(text: str) -> dt.date:
    if (day := _days.get(text)) is None:
        if len(_days) > _MOST_DAYS:
            _days.clear()
        day = _days[text] = dt.date.fromisoformat(text)
    return day


_SPECIAL: Final[dict[str, Callable[[Any], Value]]] = {
    "d": _day,
    "t": dt.datetime.fromisoformat,
    "e": CellError,
    "f": lambda value: Formula(value if value.__class__ in _PLAIN else _plain(value)),
}


def _special(value: dict[str, Any]) -> Value:
    ((kind, content),) = value.items()
    return _SPECIAL[kind](content)


def _plain(value: dict[str, Any]) -> Any:
    if "f" in value:
        raise ValueError("a formula in a formula")
    return _special(value)


def _error(piece: dict[str, Any]) -> SpreadsheetError:
    try:
        return SpreadsheetError(str(piece["code"]), message_from_json(piece["sentence"]))
    except (LookupError, TypeError, AttributeError):
        return refuse("damaged_file")


def can_mark(content: bytes) -> bool:
    return bounded.run(parsers.can_mark, content)


def mark_cells(
    content: bytes,
    notes: dict[tuple[int, int], str],
    *,
    written: dict[tuple[int, int], str | int | dt.date],
    **options: Any,
) -> bytes:
    return bounded.run(
        parsers.mark_cells,
        content,
        [(*cell, text) for cell, text in notes.items()],
        [(*cell, value) for cell, value in written.items()],
        {**options, "known_authors": sorted(options["known_authors"])},
    )
