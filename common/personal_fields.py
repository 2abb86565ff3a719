"""Every column that may hold words about a person, declared once, in ``<app>/personal.py``.

The copy of one's own data, the erasure and the test that no column is forgotten all read it
(tests/people/test_personal_fields.py). Keys, figures, days and choices of a list are no text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from common import clock
from common.personal_data import DataTable, Subject
from common.registries import Registry


class Erased(Enum):
    ROW = auto()  # the whole row is deleted
    BLANK = auto()
    NAMES = auto()  # names, numbers and addresses give way to the trainee code
    IN_APP = auto()  # by the app's own erasure
    STAYS = auto()  # ``why`` says by which right


@dataclass(frozen=True, slots=True)
class Personal:
    """A column about a person: under which label their own copy shows it, and what erasing does.

    ``in_table``: the app's own tables show it. What is not shown, or stays, says why.
    """

    field: str
    erased: Erased
    shown: Any = ""  # a lazy text
    in_table: bool = False
    why: str = ""


def each_field(*fields: str, erased: Erased, **others: Any) -> tuple[Personal, ...]:
    return tuple(Personal(field, erased, **others) for field in fields)


@dataclass(frozen=True, slots=True)
class PersonalModel:
    """A model's personal columns, and the look-ups by which its rows are a person's.

    ``title`` stands over what their own copy shows of it. ``erased_at`` names the column that an
    append-only table wants to be set when words are taken out of a row.
    """

    model: str
    title: Any
    fields: tuple[Personal, ...]
    trainee: tuple[str, ...] = ()
    user: str = ""
    email: str = ""
    erased_at: str = ""

    def rows_of(self, subject: Subject) -> models.QuerySet[Any]:
        which = Q(pk__in=())
        for path in self.trainee:
            which |= Q(**{f"{path}__in": subject.trainee_ids})
        if self.user:
            which |= Q(**{f"{self.user}__in": subject.user_ids})
        if self.email:
            lower = [address.lower() for address in subject.emails]
            which |= Q(**{f"{self.email}__in": [*subject.emails, *lower]})
        manager: models.Manager[Any] = apps.get_model(self.model)._default_manager
        return manager.filter(which).order_by("pk").distinct()


@dataclass(frozen=True, slots=True)
class Impersonal:
    """Text columns that say nothing about a person; empty ``fields`` means all of the model."""

    model: str
    why: str
    fields: tuple[str, ...] = ()


personal_fields: Registry[Sequence[PersonalModel | Impersonal]] = Registry("personal fields")
# By the name under which the app registered its ``PersonalDataHandler``, if it has one.


def declared() -> Iterator[PersonalModel]:
    for _name, declarations in personal_fields:
        yield from (one for one in declarations if isinstance(one, PersonalModel))


def show_declared(subject: Subject) -> list[DataTable]:
    return [_table(one, subject) for one in declared() if any(f.shown for f in one.fields)]


def _table(declaration: PersonalModel, subject: Subject) -> DataTable:
    columns = {one.field: str(one.shown) for one in declaration.fields if one.shown}
    rows = [
        {name: _plain(getattr(row, name)) for name in columns}
        for row in declaration.rows_of(subject)
    ]
    name = declaration.model.lower().replace(".", "_")
    return DataTable(
        name, str(declaration.title), columns, [row for row in rows if any(row.values())]
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return "" if value is None else str(value)


def erase_declared(name: str, subject: Subject) -> int:
    if name not in personal_fields:
        return 0
    own = [one for one in personal_fields[name] if isinstance(one, PersonalModel)]
    return sum(_erase(one, subject) for one in own)


def _erase(declaration: PersonalModel, subject: Subject) -> int:
    rows = declaration.rows_of(subject)
    if any(one.erased is Erased.ROW for one in declaration.fields):
        keys = list(rows.values_list("pk", flat=True))
        gone, _by_model = rows.model._default_manager.filter(pk__in=keys).delete()
        return int(gone)
    blank = [one.field for one in declaration.fields if one.erased is Erased.BLANK]
    named = [one.field for one in declaration.fields if one.erased is Erased.NAMES]
    if not (blank or named):
        return 0
    touched = 0
    marker = [declaration.erased_at] if declaration.erased_at else []
    for row in rows.filter(**dict.fromkeys((f"{name}__isnull" for name in marker), True)):
        for name in blank:
            setattr(row, name, _blank(row, name))
        for name in named:
            setattr(row, name, without_names(subject, getattr(row, name)))
        for name in marker:
            setattr(row, name, clock.now())
        row.save(update_fields=[*blank, *named, *marker])
        touched += 1
    return touched


def _blank(row: models.Model, name: str) -> Any:
    field = row._meta.get_field(name)
    return None if getattr(field, "null", False) else ""


def without_names(subject: Subject, value: Any) -> Any:
    if isinstance(value, str):
        return subject.without_names(value)
    if isinstance(value, list):
        return [without_names(subject, one) for one in value]
    if isinstance(value, dict):
        return {key: without_names(subject, one) for key, one in value.items()}
    return value
