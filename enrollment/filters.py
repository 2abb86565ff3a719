from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, NumberFilter

from common.api.filters import exact, from_day, one_of, search, to_day
from common.vietnamese import search_key
from enrollment.choices import EnrollmentState, Mark, PersonVisibility

YES_OR_NO = (("true", "true"), ("false", "false"))


def _by_name(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    return rows.filter(trainee__search_key__contains=search_key(text))


def _voided(rows: QuerySet[Any], name: str, wanted: str) -> QuerySet[Any]:
    return rows.filter(voided_at__isnull=wanted == "false")


def _by_known_name(rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    return _by_name(rows.filter(person_visibility__gt=PersonVisibility.HIDDEN), name, text)


class EnrollmentFilter(FilterSet):
    search = search(_by_known_name)
    run = exact("run__code")
    trainee = exact("trainee__code")
    agency = exact("sending_agency__slug")
    state = one_of(EnrollmentState.choices)


class AttendanceFilter(FilterSet):
    run = exact("enrollment__run__code")
    trainee = exact("enrollment__trainee__code")
    session = NumberFilter(field_name="session__number", min_value=0, max_value=32767)
    mark = one_of(Mark.choices)


class CompletionFilter(FilterSet):
    search = search(_by_name)
    run = exact("run__code")
    course = exact("course_code")
    trainee = exact("trainee__code")
    agency = exact("sending_agency__slug")
    completed_from = from_day("completed_on")
    completed_to = to_day("completed_on")
    voided = ChoiceFilter(choices=YES_OR_NO, method=_voided)


class ClassMessageFilter(FilterSet):
    run = exact("run__code")
