"""People are never filtered by personal number: URLs are logged."""

from django_filters import FilterSet

from common.api.filters import exact, one_of, search
from people.choices import TransferState


class TraineeFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    search = search()
    agency = exact("agency__slug")


class TransferRequestFilter(FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = one_of(TransferState.choices)
    to_agency = exact("to_agency__slug")
