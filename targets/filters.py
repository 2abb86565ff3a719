from django_filters import BooleanFilter, FilterSet

from common.api.filters import exact, one_of
from targets.choices import ValueState


class ValueFilter(FilterSet):
    indicator = exact("indicator__slug")
    agency = exact("agency__slug")
    state = one_of(ValueState.choices)


class QuotaFilter(FilterSet):
    agency = exact("agency__slug")


class TaskFilter(FilterSet):
    agency = exact("agency__slug")
    is_open = BooleanFilter("done_on", "isnull")
