"""What a list of people can be narrowed to. Never by personal number: addresses are logged."""

from django_filters import FilterSet

from common.api_filters import exact, search


class TraineeFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    search = search()
    agency = exact("agency__slug")
