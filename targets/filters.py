from django_filters import BooleanFilter, FilterSet

from common.api.filters import exact, one_of
from targets.choices import ValueState


class ValueFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    indicator = exact("indicator__slug")
    agency = exact("agency__slug")
    state = one_of(ValueState.choices)


class QuotaFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    agency = exact("agency__slug")


class TaskFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    agency = exact("agency__slug")
    is_open = BooleanFilter("done_on", "isnull")
