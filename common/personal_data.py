"""What each app stores about a person: shown to them, and erased on a lawful request.

Apps register a ``PersonalDataHandler`` in ``ready``; ``people`` calls them all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from typing import Any, TypeAlias

from common.registries import Registry


@dataclass(frozen=True)
class Subject:
    """A person, by everything that apps identify them by.

    ``trainee_ids`` are all rows of this human being, ``names`` as typed in any of them.
    """

    code: str
    trainee_ids: tuple[int, ...]
    user_ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Subject":
        lists = {key: tuple(value) for key, value in plain.items() if key != "code"}
        return cls(code=plain["code"], **lists)

    def without_names(self, text: str) -> str:
        """Names, numbers and addresses replaced by the trainee code."""
        for identifier in sorted((*self.names, *self.numbers, *self.emails), key=len, reverse=True):
            text = text.replace(identifier, self.code)
        return text

    def is_named_in(self, text: str) -> bool:
        return any(identifier in text for identifier in (*self.names, *self.numbers, *self.emails))


Cell: TypeAlias = str | Callable[[Any], Any]


@dataclass(frozen=True)
class DataTable:
    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @classmethod
    def of(
        cls, name: str, title: str, objects: Iterable[Any], /, **columns: tuple[str, Cell]
    ) -> "DataTable":
        """A row per object; each column is its label and the attribute, or what makes its cell."""
        cells = {
            key: attrgetter(cell) if isinstance(cell, str) else cell
            for key, (_label, cell) in columns.items()
        }
        rows = [{key: make(one) for key, make in cells.items()} for one in objects]
        return cls(name, title, {key: label for key, (label, _cell) in columns.items()}, rows)


@dataclass(frozen=True)
class PersonalDataHandler:
    """How an app shows a person's data, and erases them.

    ``show`` takes the subject and whether to show whole personal numbers. ``erase`` may run again
    after an interruption; it returns how many rows it touched.
    """

    show: Callable[[Subject, bool], list[DataTable]] | None = None
    erase: Callable[[Subject], int] | None = None


personal_data_handlers: Registry[PersonalDataHandler] = Registry("personal data")
