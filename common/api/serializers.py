"""Serializers that read rows of ``values()``, and serializers that refuse unknown names."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import exceptions, serializers
from rest_framework.validators import UniqueValidator

from common import clock

Row = Mapping[str, Any]
Scope = Callable[[Any, Any], QuerySet[Any]]  # of a queryset and a user
Kind = TypeVar("Kind", bound=type[Any])
Method = TypeVar("Method", bound=Callable[..., Any])


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses what it does not take: a misspelt name must not pass for a missing one."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            taken = {field.field_name for field in self._writable_fields}
            if unknown := set(data) - taken:
                raise exceptions.ValidationError(
                    {str(name): [_("Unknown field.")] for name in sorted(unknown, key=str)}
                )
        return super().to_internal_value(data)


class EmptySerializer(StrictSerializer):
    """The body of an action that needs no words."""


def example(name: str, **body: Any) -> Callable[[Kind], Kind]:
    """Show such a body of a request in the description of the API."""
    decorate: Callable[[Kind], Kind] = extend_schema_serializer(
        examples=[OpenApiExample(name, value=body, request_only=True)]
    )
    return decorate


@example("A reason", reason="Nhập nhầm")
class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=250)


class KeyField(serializers.SlugRelatedField[Any]):
    """Names a row by its public key; what the sender may not see does not exist.

    ``scope`` narrows the queryset to a user: a method of it, such as ``CourseQuerySet.visible_to``.
    """

    default_error_messages = {
        "does_not_exist": gettext_lazy("Not found."),
        "invalid": gettext_lazy("Not found."),
    }

    def __init__(self, slug_field: str, *, scope: Scope | None = None, **options: Any) -> None:
        self.scope = scope
        super().__init__(slug_field, **options)

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        assert rows is not None
        return self.scope(rows, self.context["request"].user) if self.scope else rows

    def to_internal_value(self, data: Any) -> Any:
        if "\x00" in str(data):  # PostgreSQL cannot even be asked for it
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """Fields, lengths and choices of the model; uniqueness is the services', under their locks.

    ``Meta.create_only_fields`` cannot be changed later.
    """

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if self.partial:
            for name in getattr(self.Meta, "create_only_fields", ()):
                del fields[name]
        return fields

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        validators = options.get("validators", ())
        options["validators"] = [v for v in validators if not isinstance(v, UniqueValidator)]
        if not options["validators"]:
            del options["validators"]  # the field's own
        return kind, options

    def get_validators(self) -> list[Any]:
        return []


# ── Output ────────────────────────────────────────────────────────────────────────────


def instant(value: dt.datetime) -> str:
    """To the second, in Asia/Ho_Chi_Minh."""
    return value.astimezone(clock.HANOI).isoformat(timespec="seconds")


# The library's fields would make the same of a value, at several times the cost. None: as it is.
_CONVERSIONS: Mapping[type[serializers.Field[Any, Any, Any, Any]], Callable[[Any], Any] | None] = {
    serializers.DateTimeField: instant,
    serializers.DateField: dt.date.isoformat,
    serializers.DecimalField: str,  # no reader is to round it
    serializers.UUIDField: str,
    serializers.CharField: None,
    serializers.IntegerField: None,
    serializers.BooleanField: None,
    serializers.ChoiceField: None,
    serializers.JSONField: None,
    serializers.SlugRelatedField: None,  # read as the key itself
}


class _Column(NamedTuple):
    name: str
    column: str
    convert: Callable[[Any], Any] | None


def columns(*names: str) -> Callable[[Method], Method]:
    """Name what a ``get_…`` method of a SerializerMethodField reads from its row."""

    def decorate(method: Method) -> Method:
        method.__dict__["columns"] = names
        return method

    return decorate


class RowSerializer(StrictModelSerializer):
    """Represents rows of ``values(*get_columns())``: no instance is built, no query is made.

    The columns follow from the fields: ``source="agency.slug"`` is read as ``agency__slug``, and
    methods name theirs with ``@columns``. Lists are ten times as fast as with instances.
    """

    @classmethod
    def get_columns(cls) -> tuple[str, ...]:
        plain = [part.column for part in _plan(cls)]
        methods = [name for method in _methods(cls).values() for name in method.columns]
        return tuple(dict.fromkeys([*plain, *methods]))

    def to_representation(self, instance: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, column, convert in _plan(type(self)):
            value = instance[column]
            shown[name] = value if convert is None or value is None else convert(value)
        for name, method in self._bound:
            shown[name] = method(instance)
        return shown

    @cached_property
    def _bound(self) -> list[tuple[str, Callable[[Row], Any]]]:
        return [
            (name, getattr(self, method.__name__)) for name, method in _methods(type(self)).items()
        ]


@cache
def _plan(kind: type[RowSerializer]) -> tuple[_Column, ...]:
    return tuple(_plain_columns(kind))


def _plain_columns(kind: type[RowSerializer]) -> Iterator[_Column]:
    for name, field in kind().fields.items():
        if field.write_only or isinstance(field, serializers.SerializerMethodField):
            continue
        column = "__".join(field.source_attrs)
        if isinstance(field, serializers.SlugRelatedField):
            column = f"{column}__{field.slug_field}"
        yield _Column(name, column, _conversion(field))


def _conversion(field: Any) -> Callable[[Any], Any] | None:
    for kind in type(field).__mro__:
        if kind in _CONVERSIONS:
            return _CONVERSIONS[kind]
        if "to_representation" in vars(kind):
            break
    convert: Callable[[Any], Any] = field.to_representation
    return convert


@cache
def _methods(kind: type[RowSerializer]) -> dict[str, Any]:
    return {
        name: getattr(kind, str(field.method_name))
        for name, field in kind().fields.items()
        if isinstance(field, serializers.SerializerMethodField)
    }
