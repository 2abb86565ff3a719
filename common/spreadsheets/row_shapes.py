"""Rows of a sheet that are spelled alike, read by one pattern.

Programs write row after row with the same columns, kinds and styles. From the first such row a
pattern is made that takes the contents of all its cells at once; a row that does not fit it is
read cell by cell, to the same values.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from common.spreadsheets.sheets import Value

# A cell as ``xlsx_reader`` finds it: its column and what reads its content.
Reader: TypeAlias = Callable[[str], Value]
# Where rows that are spelled alike differ: numbers of rows, and contents.
_VARIES: Final = re.compile(r'r="([A-Z]*)\d+"|(<v>|<t(?: xml:space="preserve")?>)[^<]*(?=</)')
_MOST_SHAPES: Final = 6


class RowShape:
    """One way to spell a row. ``cells`` are those that may have a value, in order.

    A reader of None keeps the text as it is.
    """

    def __init__(self, sample: str, cells: Sequence[tuple[int, Reader | None]]) -> None:
        self._pattern = re.compile(pattern := _pattern_of(sample))
        self._whole = re.compile(f"{pattern}</row>")
        self._columns = [column for column, _reader in cells]
        self._in_a_row = self._columns == list(range(len(cells)))
        self._readers = [(at, read) for at, (_c, read) in enumerate(cells) if read]

    @property
    def cells(self) -> int:
        return self._pattern.groups - 1

    def read(self, text: str) -> tuple[int, tuple[Value, ...]] | None:
        found = self._pattern.fullmatch(text)
        if found is None or "_x" in text:
            return None
        number, *contents = found.groups()
        if "" in contents:
            return None
        values: list[Value] = contents
        for at, read in self._readers:
            values[at] = read(contents[at])
        if not self._in_a_row:
            placed: list[Value] = [None] * (max(self._columns, default=-1) + 1)
            for column, value in zip(self._columns, values, strict=True):
                placed[column] = value
            values = placed
        return int(number), tuple(values)

    def read_all(self, content: bytes, text: str) -> list[tuple[int, tuple[Value, ...]]] | None:
        if b"_" in content and b"_x" in content:
            return None
        found = self._whole.findall(text)
        if not found or len(found) != content.count(b"</row>"):
            return None
        numbers, *columns = zip(*found, strict=True)
        if any("" in contents for contents in columns):
            return None
        placed: list[Sequence[Value]] = [(None,) * len(found)] * (self._columns[-1] + 1)
        for column, contents in zip(self._columns, columns, strict=True):
            placed[column] = contents
        for at, read in self._readers:
            placed[self._columns[at]] = [read(content) for content in columns[at]]
        return list(zip(map(int, numbers), zip(*placed, strict=True), strict=True))


class RowShapes:
    def __init__(self) -> None:
        self._shapes: list[RowShape] = []

    @property
    def wants_more(self) -> bool:
        return len(self._shapes) < _MOST_SHAPES

    def add(self, shape: RowShape) -> None:
        self._shapes.insert(0, shape)

    def read_all(self, content: bytes, text: str) -> list[tuple[int, tuple[Value, ...]]] | None:
        """None unless all rows have the shape that matched last.

        ``content`` is the text in UTF-8, in which searching is faster.
        """
        return self._shapes[0].read_all(content, text) if self._shapes else None

    def read(self, text: str) -> tuple[int, tuple[Value, ...]] | None:
        for shape in self._shapes:
            if row := shape.read(text):
                if shape is not self._shapes[0]:
                    self._shapes.remove(shape)
                    self._shapes.insert(0, shape)
                return row
        return None


def _pattern_of(sample: str) -> str:
    parts, end = [], 0
    for varies in _VARIES.finditer(sample):
        parts.append(re.escape(sample[end : varies.start()]))
        if varies[2]:
            parts.append(re.escape(varies[2]) + "([^<]*)")
        else:
            parts.append(rf'r="{varies[1]}\d+"' if varies[1] else r'r="(\d+)"')
        end = varies.end()
    return "".join(parts) + re.escape(sample[end:])
