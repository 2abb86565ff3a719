import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, DateFilter, FilterSet

from agencies.choices import AgencyKind, Sector, SuccessionKind, sector_of
from agencies.querysets import AgencyQuerySet
from common.api.filters import exact, one_of, search


def _valid_on(rows: AgencyQuerySet, name: str, day: dt.date) -> AgencyQuerySet:
    return rows.valid_on(day)


def _of_sector(rows: QuerySet[Any], name: str, sector: str) -> QuerySet[Any]:
    return rows.filter(kind__in=[kind for kind in AgencyKind.values if sector_of(kind) == sector])


class AgencyFilter(FilterSet):
    search = search()
    kind = one_of(AgencyKind.choices)
    sector = ChoiceFilter(choices=Sector.choices, method=_of_sector)
    parent = exact("parent__slug")
    valid_on = DateFilter(method=_valid_on)


def _of_agency(rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
    either = Q(links__predecessor__slug=slug) | Q(links__successor__slug=slug)
    return rows.filter(either).distinct()


def _voided(rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
    return rows.filter(voided_at__isnull=not wanted)


class SuccessionFilter(FilterSet):
    kind = one_of(SuccessionKind.choices)
    agency = CharFilter(method=_of_agency)
    voided = BooleanFilter(method=_voided)
