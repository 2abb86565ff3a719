"""People are never filtered by personal number: URLs are logged."""

from typing import Any

from django_filters import CharFilter, FilterSet

from common.api.filters import exact, one_of, search
from common.registries import people_filters
from people.choices import TransferState


class TraineeFilter(FilterSet):
    search = search()
    agency = exact("agency__slug")
    untrained = CharFilter(
        method="not_yet_trained",
        max_length=40,
        help_text="The short name of an audience: those of it who are not yet trained.",
    )

    def not_yet_trained(self, people: Any, name: str, slug: str) -> Any:
        return people_filters["untrained"](people, slug)


class TransferRequestFilter(FilterSet):
    state = one_of(TransferState.choices)
    to_agency = exact("to_agency__slug")
