from typing import Any

from django.db.models import Q
from django_filters import BooleanFilter, FilterSet

from common.api.filters import exact, one_of
from targets.choices import TaskState, ValueState


class ValueFilter(FilterSet):
    indicator = exact("indicator__slug")
    agency = exact("agency__slug")
    state = one_of(ValueState.choices)


class QuotaFilter(FilterSet):
    agency = exact("agency__slug")


class TaskFilter(FilterSet):
    agency = exact("agency__slug")
    state = one_of(TaskState.choices)
    is_open = BooleanFilter(method="not_done")

    def not_done(self, rows: Any, name: str, value: bool) -> Any:
        done = Q(state__in=(TaskState.DONE, TaskState.DONE_LATE))
        return rows.filter(~done if value else done)
