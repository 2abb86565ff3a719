"""Filters that most lists share."""

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, DateFilter

from common.open_text import refuse_number_in_search


def exact(column: str, *, longest: int = 60) -> Any:
    """Equal to a public key, such as ``?run=AI-101-01``."""
    return CharFilter(field_name=column, lookup_expr="exact", max_length=longest)


def one_of(choices: Any, column: str = "") -> Any:
    return ChoiceFilter(field_name=column or None, choices=choices)


def from_day(column: str) -> Any:
    return DateFilter(field_name=column, lookup_expr="gte")


def to_day(column: str) -> Any:
    return DateFilter(field_name=column, lookup_expr="lte")


def matching(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    """``?search=``: the queryset's own ``matching``, which folds accents."""
    return rows.matching(text)  # type: ignore[attr-defined,no-any-return]  # the queryset is one of ours


def search(method: Any = matching) -> Any:
    """Holds the text, whatever its accents."""
    return CharFilter(
        method=method,
        max_length=100,
        help_text="Whatever its accents.",
        validators=[refuse_number_in_search],
    )
