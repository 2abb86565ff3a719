from django_filters import FilterSet

from common.api.filters import exact


class CourseCompetencyFilter(FilterSet):
    course = exact("course__code")
    competency = exact("competency__code")
