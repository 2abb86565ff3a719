from typing import Any

from django.db.models import Q, QuerySet
from django_filters import FilterSet

from common.api.filters import exact, from_day, one_of, search, to_day
from courses.choices import Delivery, RunState
from courses.models import Course


def _courses(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    return rows.filter(pk__in=Course.objects.ids_matching(text))


def _runs(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    of_course = Q(course__in=Course.objects.ids_matching(text))
    return rows.filter(Q(code__icontains=text.strip()) | of_course)


class CourseFilter(FilterSet):
    search = search(_courses)
    delivery = one_of(Delivery.choices)


class RunFilter(FilterSet):
    search = search(_runs)
    course = exact("course__code")
    state = one_of(RunState.choices)
    starts_from = from_day("starts_on")
    starts_to = to_day("starts_on")


class SessionFilter(FilterSet):
    run = exact("run__code")
    starts_from = from_day("starts_at__date")
    starts_to = to_day("starts_at__date")
