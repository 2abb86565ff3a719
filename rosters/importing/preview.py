"""The findings of a check, page by page: only the rows that are shown are decrypted."""

from collections.abc import Sequence
from itertools import islice
from typing import overload

from rosters.importing.report import answers_to, tally
from rosters.importing.staged_rows import SeenRow, part_at, parts_of
from rosters.models import RosterImport


class Preview:
    """Counts come from the stored tallies, without decrypting a row."""

    def __init__(self, upload: RosterImport) -> None:
        self._upload = upload
        stored = (upload.report or {}).get("parts")
        # A report may have been stored without tallies.
        self._tallies = (
            [tally(part.results) for part in parts_of(upload)] if stored is None else stored
        )

    def count(self, key: str = "") -> int:
        """Rows with an outcome; ``warnings`` counts those with warnings, ``""`` all."""
        return sum(part.get(key, 0) for part in self._tallies)

    def rows(self, key: str = "") -> "Rows":
        return Rows(self._upload, key, [part.get(key, 0) for part in self._tallies])


class Rows(Sequence[SeenRow]):
    """A sequence for the paginator; a slice decrypts the parts that it touches, and no others."""

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
        for position, count in enumerate(self._in_part):
            if count and before < stop and before + count > start:
                rows = part_at(self._upload, position).seen
                wanted = (row for row in rows if answers_to(row.result, self._key))
                found += islice(wanted, max(0, start - before), stop - before)
            before += count
        return found
