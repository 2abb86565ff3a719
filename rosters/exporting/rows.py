"""The rows of lists, as streams: one per enrollment or person, with cells as their reader may see
them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from accounts.models import User
from common.registries import training_columns
from common.spreadsheets import CellValue
from people.querysets import TraineeQuerySet
from rosters.exporting.cells import cell, guarded
from rosters.fields import FIELDS, PEOPLE_KEYS, TRAINING_KEYS

# The id of the row, a column that no file has.
ID: Final = "id"
PERSON_PATHS: Final = {field.key: field.person_paths for field in FIELDS} | {ID: (ID,)}
_PEOPLE_AT_ONCE: Final = 2_000  # about whom is asked together


@dataclass(frozen=True, slots=True)
class NumbersWanted:
    """Why somebody who may see them wants whole personal numbers."""

    reason: str


def people_rows(
    people: TraineeQuerySet,
    fields: Sequence[str] = PEOPLE_KEYS,
    numbers: NumbersWanted | None = None,
    reader: User | None = None,
) -> Iterator[list[CellValue]]:
    """One row per person, by Vietnamese given name; numbers masked unless wanted.

    Of a person's training a ``reader`` gets what they may see.
    """
    training = [key for key in fields if key in TRAINING_KEYS]
    own = [key for key in fields if key not in training]
    in_order = people.in_roster_order()
    if not training:
        return rows_of(in_order, PERSON_PATHS, own, numbers)
    rows = rows_of(in_order, PERSON_PATHS, [*own, ID], numbers)
    whole = with_cells(rows, training_columns["training"](reader, training))
    order = [[*own, *training].index(key) for key in fields]
    return ([row[at] for at in order] for row in whole)


def with_cells(
    rows: Iterator[list[CellValue]],
    cells_of: Callable[[Sequence[int]], Mapping[int, Sequence[CellValue]]],
) -> Iterator[list[CellValue]]:
    """Rows that end with the id of their person, with further cells in its stead.

    Whoever was removed since the row was read is left out.
    """
    while some := list(islice(rows, _PEOPLE_AT_ONCE)):
        found = cells_of([int(row[-1]) for row in some])  # type: ignore[arg-type]  # an id
        for *row, person in some:
            if (cells := found.get(int(person))) is not None:  # type: ignore[arg-type]  # an id
                yield [*row, *cells]


def rows_of(
    rows: QuerySet[Any],
    paths_of: Mapping[str, tuple[str, ...]],
    fields: Sequence[str],
    numbers: NumbersWanted | None,
    *,
    is_guarded: bool = False,
) -> Iterator[list[CellValue]]:
    if numbers:
        (tail,) = paths_of["personal_number"]
        paths_of = {**paths_of, "personal_number": (tail.removesuffix("_tail"),)}
    paths = list(dict.fromkeys(path for field in fields for path in paths_of[field])) or ["id"]
    makes = [
        cell(field, [paths.index(path) for path in paths_of[field]], is_whole=bool(numbers))
        for field in fields
    ]
    if is_guarded:
        paths += ["person_visibility", "name_as_sent"]
        makes = [guarded(field, make, paths) for field, make in zip(fields, makes, strict=True)]
    index_at = [at for at, field in enumerate(fields) if field == "index"]
    # A tuple whatever the number of paths: values_list flattens nothing.
    for index, row in enumerate(rows.values_list(*paths).iterator(chunk_size=2000), start=1):
        values = [make(row) for make in makes]
        for at in index_at:
            values[at] = index
        yield values
