from django_filters import FilterSet

from common.api.filters import exact, from_day, one_of, search, to_day
from courses.choices import Delivery, RunState


class CourseFilter(FilterSet):
    search = search()
    delivery = one_of(Delivery.choices)


class RunFilter(FilterSet):
    search = search()
    course = exact("course__code")
    state = one_of(RunState.choices)
    starts_from = from_day("starts_on")
    starts_to = to_day("starts_on")


class SessionFilter(FilterSet):
    run = exact("run__code")
    starts_from = from_day("starts_at__date")
    starts_to = to_day("starts_at__date")
