"""Names over several columns of which only one has a heading.

If the heading of the name is merged over two columns, the second has the given name. Where nothing
is merged, as in CSV, the cells decide: words beside each name in a column without a heading.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from common.spreadsheets import MergedRange, Row
from rosters.importing.layouts.cells import cell_text

_SEX_WORDS: Final = frozenset({"nam", "nữ", "nu", "male", "female", "x", "v", "m", "f"})
_WORD: Final = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_PART_OF_NAME: Final = re.compile(rf"{_WORD}(?: {_WORD}){{0,2}}")
_PART_NUMBER: Final = re.compile(r"[IVXLC]+|[A-Za-z]")
_FEW: Final = 4  # fewer words than this may all be the same name
_MOST_PARTS: Final = 3


def with_split_name(
    columns: dict[str, int],
    headings: Mapping[int, str],
    people: Sequence[Row],
    areas: Sequence[MergedRange],
) -> tuple[dict[str, int], tuple[int, ...]]:
    """The columns with all parts of the name, and columns that may hold parts of some names.

    ``areas`` are the merged cells of the headings.
    """
    at = columns.get("full_name")
    if at is None or "given_name" in columns:
        return columns, ()
    table = _Beside(at, {*columns.values(), *headings}, people)
    drawn = next((area for area in areas if area.first_column == at < area.last_column), None)
    wide = range(at + 1, min(drawn.last_column, at + _MOST_PARTS - 1) + 1) if drawn else range(0)
    parts = [one for one in wide if one not in table.taken] or table.parts_behind()
    if parts:
        return columns | dict(zip(_named(len(parts)), parts, strict=True)), ()
    if table.holds_names(at - 1) and table.has_words(at, most=1):
        rest = {name: column for name, column in columns.items() if name != "full_name"}
        return rest | {"family_name": at - 1, "given_name": at}, ()
    return columns, tuple(one for one in (at - 1, at + 1) if table.may_hold_names(one))


def _named(parts: int) -> tuple[str, ...]:
    return ("given_name",) if parts == 1 else ("middle_name", "given_name")


class _Beside:
    """Looks at the columns without headings beside the one of names."""

    def __init__(self, name: int, taken: set[int], people: Sequence[Row]) -> None:
        self.taken, self._name = taken, name
        self._rows = [row for row in people if _text(row, name)]

    def parts_behind(self) -> list[int]:
        parts: list[int] = []
        for at in range(self._name + 1, self._name + _MOST_PARTS):
            if not self.holds_names(at) or (parts and not self.has_words(at - 1, most=1)):
                break
            parts.append(at)
        return parts

    def holds_names(self, at: int) -> bool:
        words = self._words(at)
        is_one_word = self.has_words(at, most=1) or self.has_words(self._name, most=1)
        return self.may_hold_names(at) and is_one_word and 2 * len(words) > len(self._rows)

    def may_hold_names(self, at: int) -> bool:
        words = self._words(at)
        if at < 0 or at in self.taken or not words or set(words) <= _SEX_WORDS:
            return False
        names = {_text(row, self._name) for row in self._rows}
        return len(words) < _FEW or 2 * len(set(words)) > len(names)

    def has_words(self, at: int, *, most: int) -> bool:
        texts = [text for row in self._rows if (text := _text(row, at))]
        few = sum(len(text.split(" ")) <= most for text in texts)
        return 2 * few > len(texts)

    def _words(self, at: int) -> list[str]:
        texts = [_text(row, at) for row in self._rows]
        return [text.casefold() for text in texts if is_part_of_name(text)]


def is_part_of_name(text: str) -> bool:
    is_word = bool(_PART_OF_NAME.fullmatch(text)) and not _PART_NUMBER.fullmatch(text)
    # “Cao cấp” is a grade: the words of a name are all capitals, or all begin with one.
    is_word = is_word and all(word[0].isupper() for word in text.split(" "))
    return is_word and text.casefold() not in _SEX_WORDS


def _text(row: Row, at: int) -> str:
    return cell_text(row.at(at)) if at >= 0 else ""
