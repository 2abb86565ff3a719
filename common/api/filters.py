"""Filters that most lists share, and the order of a list."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, DateFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter as RestFrameworkOrderingFilter
from rest_framework.request import Request

from common.public_text import refuse_number_in_search


def exact(column: str, *, longest: int = 60) -> Any:
    """Equal to a public key, such as ``?run=AI-101-01``."""
    return CharFilter(field_name=column, lookup_expr="exact", max_length=longest)


def one_of(choices: Any, column: str = "") -> Any:
    return ChoiceFilter(field_name=column or None, choices=choices)


def from_day(column: str) -> Any:
    return DateFilter(field_name=column, lookup_expr="gte")


def to_day(column: str) -> Any:
    return DateFilter(field_name=column, lookup_expr="lte")


def matching(rows: Any, name: str, text: str) -> Any:
    """``?search=``: the queryset's own ``matching``, which folds accents."""
    return rows.matching(text)


def search(method: Any = matching) -> Any:
    return CharFilter(
        method=method,
        max_length=100,
        help_text="Whatever its accents.",
        validators=[refuse_number_in_search],
    )


def is_narrowed(view: Any, request: Request) -> bool:
    """Whether one of the filters of a list is asked for."""
    filters = getattr(view, "filterset_class", None)
    names = filters.base_filters if filters else {}
    return not names.keys().isdisjoint(request.query_params)


class FilterBackend(DjangoFilterBackend):
    """Builds the form of a list's filters only where one of them is asked for."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        if not is_narrowed(view, request):
            return queryset
        return super().filter_queryset(request, queryset, view)


class OrderingFilter(RestFrameworkOrderingFilter):
    """``ordering_fields`` of the view maps the names of the API to columns; others are refused."""

    ordering_description = "A field, `-` before it for the other direction."

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        name = request.query_params.get(self.ordering_param) or view.ordering
        sign, plain = ("-", name[1:]) if name.startswith("-") else ("", name)
        if plain not in view.ordering_fields:
            message = _("This list can be sorted by: %(names)s.")
            names = ", ".join(view.ordering_fields)
            raise ValidationError({self.ordering_param: [message % {"names": names}]})
        column = view.ordering_fields[plain]
        return tuple(sign + key for key in dict.fromkeys((column, "pk")))

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        return queryset  # the pagination orders it

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        both = [sign + name for name in view.ordering_fields for sign in ("", "-")]
        (parameter,) = super().get_schema_operation_parameters(view)
        schema = {"type": "string", "enum": both, "default": view.ordering}
        return [parameter | {"schema": schema}]
