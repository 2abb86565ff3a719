"""Lists that are sorted by a column: ``?sort=name`` or ``?sort=-name``."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.utils.http import urlencode

from common.keyset import reverse


class Sorting:
    """``columns``: the fields behind each; ``default``: one of them, or ``-name`` for its reverse.

    ``kept``: how the list is narrowed, for the links.
    """

    def __init__(
        self,
        asked: Mapping[str, Any],
        columns: Mapping[str, Sequence[str]],
        *,
        default: str,
        kept: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        wanted = str(asked.get("sort", ""))
        if wanted.removeprefix("-") not in columns:
            wanted = default
        self.name, self.is_descending = wanted.removeprefix("-"), wanted.startswith("-")
        self.is_default = wanted == default
        self._columns = columns
        self._wanted, self._fields = wanted, columns[self.name]
        self._kept = {
            # As a browser sends a ticked box.
            name: "on" if value is True else value
            for name, value in kept.items()
            if value
        }

    @property
    def fields(self) -> tuple[str, ...]:
        """For ``order_by``."""
        return reverse(self._fields) if self.is_descending else tuple(self._fields)

    @property
    def query(self) -> str:
        """The parameters of the present page, for the links to its neighbours; ends with ``&``."""
        sort = {} if self.is_default else {"sort": self._wanted}
        return "".join(f"{urlencode({name: v})}&" for name, v in (self._kept | sort).items())

    def knows(self, asked: str) -> bool:
        return asked.removeprefix("-") in self._columns

    def link(self, name: str) -> str:
        """Sorts by the column; by its reverse where it is sorted by the column now."""
        again = name == self.name and not self.is_descending
        return "?" + urlencode(self._kept | {"sort": f"-{name}" if again else name})

    def state(self, name: str) -> str:
        """What ``aria-sort`` says."""
        if name != self.name:
            return ""
        return "descending" if self.is_descending else "ascending"
