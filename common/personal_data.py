"""What each room holds about a person: shown to them, and taken out when the law lets them go.

A room registers a ``Keeper`` when it is ready; what asks them all lives in ``people``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from common.registries import Registry


@dataclass(frozen=True)
class Subject:
    """Whom a question about personal data speaks of, by everything that rooms know them by.

    ``trainee_ids`` are all rows that are this human being, ``names`` as typed in any of them.
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
        """The text with every name, number and address of the person replaced by their code."""
        for said in sorted((*self.names, *self.numbers, *self.emails), key=len, reverse=True):
            text = text.replace(said, self.code)
        return text

    def is_named_in(self, text: str) -> bool:
        """Whether a name, number or address of the person stands in the text."""
        return any(said in text for said in (*self.names, *self.numbers, *self.emails))


@dataclass(frozen=True)
class DataTable:
    """Rows of one kind that a room holds: ``columns`` are keys and their labels."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True)
class PersonalDataHandler:
    """How a room shows what it holds about a person, and how it lets go of it.

    ``show`` takes the subject and whether personal numbers are to stand in clear. ``erase`` may
    run again after it was stopped in the middle; it returns how many rows it touched.
    """

    show: Callable[[Subject, bool], list[DataTable]] | None = None
    erase: Callable[[Subject], int] | None = None


personal_data_handlers: Registry[PersonalDataHandler] = Registry("personal data")
