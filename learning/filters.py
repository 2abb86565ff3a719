from django_filters import FilterSet, NumberFilter

from common.api.filters import exact, one_of
from learning.choices import Difficulty, QuestionKind, Stage

LARGEST_KEY = 2**63 - 1


def key(column: str) -> NumberFilter:
    return NumberFilter(field_name=column, min_value=1, max_value=LARGEST_KEY)


class UnitMarkFilter(FilterSet):
    run = exact("enrollment__run__code")
    trainee = exact("enrollment__trainee__code")
    unit = key("unit")


class QuestionFilter(FilterSet):
    course = exact("course__code")
    kind = one_of(QuestionKind.choices)
    part = exact("part")
    difficulty = one_of(Difficulty.choices)


class CourseTestFilter(FilterSet):
    course = exact("course__code")


class AttemptFilter(FilterSet):
    run = exact("enrollment__run__code")
    trainee = exact("enrollment__trainee__code")
    test = key("test")
    stage = one_of(Stage.choices)
