"""What a list of certificates can be narrowed to."""

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, NumberFilter

from certificates.choices import CertificateState
from certificates.querysets import CertificateQuerySet
from common.api.filters import exact, search
from common.vietnamese import search_key


def _by_name(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    return rows.filter(completion__trainee__search_key__contains=search_key(text))


def _in_state(rows: CertificateQuerySet, name: str, state: str) -> CertificateQuerySet:
    return rows.shown_as(state)


class CertificateFilter(FilterSet):
    search = search(_by_name)
    run = exact("completion__run__code")
    trainee = exact("completion__trainee__code")
    year = NumberFilter(field_name="year", min_value=0, max_value=9999)
    state = ChoiceFilter(choices=CertificateState.choices, method=_in_state)


def _by_holder(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    return rows.filter(enrollment__trainee__search_key__contains=search_key(text))


class ConfirmationFilter(FilterSet):
    search = search(_by_holder)
    run = exact("enrollment__run__code")
    trainee = exact("enrollment__trainee__code")
    year = NumberFilter(field_name="year", min_value=0, max_value=9999)
    state = ChoiceFilter(choices=CertificateState.choices)
