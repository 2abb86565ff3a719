"""People are never filtered by personal number: URLs are logged."""

from django_filters import FilterSet

from common.api.filters import exact, one_of, search
from people.choices import TransferState


class TraineeFilter(FilterSet):
    search = search()
    agency = exact("agency__slug")


class TransferRequestFilter(FilterSet):
    state = one_of(TransferState.choices)
    to_agency = exact("to_agency__slug")
