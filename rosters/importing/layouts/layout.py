"""Where the table of a roster stands, and which of its columns holds what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from common.spreadsheets import Sheet
from rosters.fields import NAME_KEYS
from rosters.importing.layouts.headings import heading_key


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a roster's table stands: rows from 1, columns from 0.

    ``columns`` maps the keys of fields to columns; ``headings`` maps columns to their headings as
    they stand, or to their letters where something stands in a column without one; ``extra`` are
    those not used.
    Of a ``guessed`` layout no heading is known: they may be what somebody's row says.
    ``sheets`` are all of the file, ``other_sheets`` those with people on them too; ``set_aside``
    are columns that their sender assigned to no field; ``repeated`` those whose
    heading means the same as an earlier one. ``birth_parts`` are the columns of day, month and
    year where a birth has three; ``birth`` is then the first of them. ``names_beside`` are columns
    without a heading in which parts of some names may stand.
    """

    sheet: Sheet
    header_row: int
    first_data_row: int
    columns: Mapping[str, int]
    headings: Mapping[int, str]
    extra: tuple[str, ...] = ()
    other_sheets: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    set_aside: frozenset[int] = frozenset()
    guessed: bool = False
    repeated: Mapping[int, str] = field(default_factory=dict)
    birth_parts: tuple[int, int, int] | None = None
    names_beside: tuple[int, ...] = ()

    def heading(self, field: str) -> str:
        """The heading in the sheet; that of the name where the field has no column."""
        column = self.columns.get(field)
        if column is None:
            column = next(self.columns[name] for name in NAME_KEYS if name in self.columns)
        return self.headings[column]


def with_mapping(
    layout: Layout, mapping: Mapping[str, str], columns: Mapping[int, str] | None = None
) -> Layout:
    """The layout with columns as their sender assigned them: a field, or empty for none.

    ``mapping`` are assignments of earlier rosters by heading key, ``columns`` those of this table.
    """
    assigned, chosen = dict(layout.columns), columns or {}
    set_aside: set[int] = set()
    for at, text in layout.headings.items():
        if (field := chosen.get(at, mapping.get(heading_key(text)))) is not None:
            assigned = {name: column for name, column in assigned.items() if column != at}
            if field:
                assigned[field] = at
            else:
                set_aside.add(at)
    parts = layout.birth_parts
    if parts and (assigned.get("birth") != parts[0] or set_aside.intersection(parts)):
        parts = None
    used = {*assigned.values(), *(parts or ())}
    extra = tuple(text for at, text in layout.headings.items() if at not in used)
    repeated = {at: name for at, name in layout.repeated.items() if at not in used | set_aside}
    return replace(
        layout,
        columns=assigned,
        extra=extra,
        set_aside=frozenset(set_aside),
        repeated=repeated,
        birth_parts=parts,
        names_beside=tuple(at for at in layout.names_beside if at not in used | set_aside),
    )


def has_name(columns: Mapping[str, int]) -> bool:
    return "full_name" in columns or {"family_name", "given_name"} <= columns.keys()
