"""How wide the columns of a list are: as its longest texts ask for, within bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Length

from common.spreadsheets import TABLE_POINTS, Column, Frame, width_of

# So many rows at most may be meant for paper: some forty pages.
PRINTED: Final = 1_000
# All other texts are about as long as each other.
_OF_ANY_LENGTH: Final = frozenset({
    "full_name", "email", "position", "unit", "note", "agency", "sending_agency", "course",
})  # fmt: skip
_WIDEST: Final = 60


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a list has, and how many letters the longest text of a field."""

    rows: int
    longest: Mapping[str, int]


def size_of(
    rows: QuerySet[Any], paths_of: Mapping[str, Sequence[str]], fields: Sequence[str]
) -> Size:
    """The size of a list with these fields, each read from its ``paths_of``; all asked at once."""
    paths = {field: paths_of[field] for field in fields if field in _OF_ANY_LENGTH}
    asked = {
        f"{field}_{at}": Max(Length(path))
        for field, its_paths in paths.items()
        for at, path in enumerate(its_paths)
    }
    found = rows.aggregate(rows=Count("pk"), **asked)
    longest = {
        field: max(found[f"{field}_{at}"] or 0 for at in range(len(its_paths)))
        for field, its_paths in paths.items()
    }
    return Size(found["rows"], longest)


def as_table(columns: Sequence[Column], size: Size) -> tuple[list[Column], Frame]:
    """A list without heads: texts wrap where it may be printed, else their columns grow."""
    if size.rows <= PRINTED:
        return list(columns), Frame(wrapped=True)
    wanted = {field: width_of(length, TABLE_POINTS) for field, length in size.longest.items()}
    wide = [
        replace(one, width=max(one.width, min(_WIDEST, wanted.get(one.key, 0)))) for one in columns
    ]
    return wide, Frame()
