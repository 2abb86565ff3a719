"""Where a page of a sorted list begins: behind a row, instead of behind so many rows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q


def beyond(fields: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that ``order_by(*fields)`` puts behind the one with these values; none may be null."""
    found, same = Q(), dict[str, Any]()
    for field, value in zip(fields, values, strict=True):
        name = field.removeprefix("-")
        side = "lt" if field.startswith("-") else "gt"
        found |= Q(**same, **{f"{name}__{side}": value})
        same[name] = value
    if len(fields) == 1:
        return found
    # The first condition alone says where to enter the index; with OR alone it would be read
    # from its beginning.
    name, side = fields[0].removeprefix("-"), "lte" if fields[0].startswith("-") else "gte"
    return Q(**{f"{name}__{side}": values[0]}) & found


def reverse(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(f[1:] if f.startswith("-") else f"-{f}" for f in fields)
