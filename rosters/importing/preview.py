"""What was found, a page at a time: of the encrypted rows only those that are shown are opened."""

from collections.abc import Sequence
from itertools import islice
from typing import overload

from rosters.importing.report import answers_to, tally
from rosters.importing.staged_rows import SeenRow, part_at, parts_of
from rosters.models import RosterImport


class Preview:
    """The findings of an upload that has been checked; counted without opening a row."""

    def __init__(self, upload: RosterImport) -> None:
        self._upload = upload
        kept = (upload.report or {}).get("parts")
        # What was checked before counts were kept is counted here.
        self._tallies = [tally(part.results) for part in parts_of(upload)] if kept is None else kept

    def count(self, key: str = "") -> int:
        """Rows with an outcome, under ``warnings`` those warned of, under ``""`` all."""
        return sum(part.get(key, 0) for part in self._tallies)

    def rows(self, key: str = "") -> "Rows":
        """These rows in the sheet's order, for a paginator."""
        return Rows(self._upload, key, [part.get(key, 0) for part in self._tallies])


class Rows(Sequence[SeenRow]):
    """Rows of one kind; a slice opens the parts that it touches, and no others."""

    def __init__(self, upload: RosterImport, key: str, in_part: Sequence[int]) -> None:
        self._upload, self._key, self._in_part = upload, key, in_part

    def __len__(self) -> int:
        return sum(self._in_part)

    @overload
    def __getitem__(self, at: int) -> SeenRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[SeenRow]: ...
    def __getitem__(self, at: int | slice) -> SeenRow | list[SeenRow]:
        if isinstance(at, int):
            return self._between(at, at + 1)[0]
        start, stop, _step = at.indices(len(self))
        return self._between(start, stop)

    def _between(self, start: int, stop: int) -> list[SeenRow]:
        found: list[SeenRow] = []
        before = 0
        for place, held in enumerate(self._in_part):
            if held and before < stop and before + held > start:
                rows = part_at(self._upload, place).seen
                wanted = (row for row in rows if answers_to(row.result, self._key))
                found += islice(wanted, max(0, start - before), stop - before)
            before += held
        return found
