from django_filters import FilterSet

from common.api.filters import exact, one_of
from evaluations.choices import ExampleState, Respondent


class FollowUpFilter(FilterSet):
    run = exact("completion__run__code")
    trainee = exact("completion__trainee__code")
    agency = exact("completion__sending_agency__slug")
    respondent = one_of(Respondent.choices)
    example_state = one_of(ExampleState.choices)


class ExampleFilter(FilterSet):
    course = exact("completion__run__course__code")
