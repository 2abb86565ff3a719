"""What a list of agencies can be narrowed to."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, DateFilter, FilterSet

from agencies.choices import AgencyKind, Sector, sector_of
from common.api_filters import exact, one_of, search


def _valid_on(rows: QuerySet[Any], name: str, day: dt.date) -> QuerySet[Any]:
    return rows.valid_on(day)  # type: ignore[attr-defined,no-any-return]  # the queryset is one of ours


def _of_sector(rows: QuerySet[Any], name: str, sector: str) -> QuerySet[Any]:
    return rows.filter(kind__in=[kind for kind in AgencyKind.values if sector_of(kind) == sector])


class AgencyFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    search = search()
    kind = one_of(AgencyKind.choices)
    sector = ChoiceFilter(choices=Sector.choices, method=_of_sector)
    parent = exact("parent__slug")
    valid_on = DateFilter(method=_valid_on)
