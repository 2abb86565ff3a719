"""Column widths of a list: as the longest texts need, within bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.db.models.functions import Length

from common.spreadsheets import TABLE_POINTS, Column, width_of
from rosters.fields import FIELD

_WIDEST: Final = 60


def longest_texts(
    rows: QuerySet[Any], paths_of: Mapping[str, Sequence[str]], fields: Sequence[str]
) -> dict[str, int]:
    """Field → length of its longest text over its ``paths_of``, in one query."""
    paths = {field: paths_of[field] for field in fields if FIELD[field].is_long}
    lengths = {
        f"{field}_{at}": Max(Length(path))
        for field, its_paths in paths.items()
        for at, path in enumerate(its_paths)
    }
    found = rows.aggregate(**lengths)
    return {
        field: max(found[f"{field}_{at}"] or 0 for at in range(len(its_paths)))
        for field, its_paths in paths.items()
    }


def widened(columns: Sequence[Column], longest: Mapping[str, int]) -> list[Column]:
    wanted = {field: width_of(length, TABLE_POINTS) for field, length in longest.items()}
    return [
        replace(one, width=max(one.width, min(_WIDEST, wanted.get(one.key, 0)))) for one in columns
    ]
