"""Sets and tables of ids of rows: a bit or eight bytes for each id up to the largest one.

A set of Python takes some 60 bytes for each id, a dictionary 100: of millions of rows too much.
"""

from array import array
from collections.abc import Iterable, Iterator


class IdSet:
    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._bits = bytearray()
        for id_ in ids:
            self.add(id_)

    def add(self, id_: int) -> bool:
        """Whether it is new."""
        place, bit = id_ >> 3, 1 << (id_ & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + len(self._bits) // 8))
        if self._bits[place] & bit:
            return False
        self._bits[place] |= bit
        return True

    def __contains__(self, id_: int) -> bool:
        place = id_ >> 3
        return place < len(self._bits) and bool(self._bits[place] & 1 << (id_ & 7))


class IdTable:
    """An id for each id; 0 where there is none."""

    def __init__(self) -> None:
        self._values = array("q")

    def __setitem__(self, id_: int, value: int) -> None:
        if id_ >= len(self._values):
            missing = id_ + 1 - len(self._values) + len(self._values) // 8
            self._values.frombytes(bytes(missing * self._values.itemsize))
        self._values[id_] = value

    def __getitem__(self, id_: int) -> int:
        return self._values[id_] if id_ < len(self._values) else 0

    def __iter__(self) -> Iterator[int]:
        """The ids that have one, in order."""
        return (id_ for id_, value in enumerate(self._values) if value)


class IdLists:
    """Some ids for each id, in the order in which they came: for most of them one or none."""

    def __init__(self) -> None:
        self._first = IdTable()
        self._further: dict[int, list[int]] = {}

    def add(self, id_: int, value: int) -> None:
        if self._first[id_]:
            self._further.setdefault(id_, []).append(value)
        else:
            self._first[id_] = value

    def __getitem__(self, id_: int) -> list[int]:
        first = self._first[id_]
        return [first, *self._further.get(id_, ())] if first else []

    def __contains__(self, id_: int) -> bool:
        return bool(self._first[id_])

    def __iter__(self) -> Iterator[int]:
        return iter(self._first)
