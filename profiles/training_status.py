from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q

from common import clock
from common.prepared import Given, Prepared, given_ids
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS, Terms, qualifying
from enrollment.models import Completion, Enrollment
from enrollment.querysets import CompletionQuerySet
from people.choices import TrainingStatus
from people.models import Merge
from people.querysets import TraineeQuerySet, having, resolved


class TrainingStatuses:
    """How far people are with the programme today; rows merged into a person count for them.

    *Trained* is whom the counting rule in force counts, *enrolled* whoever has a live enrollment.
    """

    def __init__(self) -> None:
        self._survivors = Merge.objects.present_survivor_by_absorbed()
        rule = CountingRule.objects.in_force(TRAINED_OFFICIALS, clock.now())
        self._terms = Terms.of(rule) if rule else None

    @cached_property
    def _is_trained(self) -> Q:
        return having(_qualifying_by(clock.today(), self._terms), self._survivors)

    @cached_property
    def _is_enrolled(self) -> Q:
        return having(Enrollment.objects.in_progress(), self._survivors)

    def narrow(self, people: TraineeQuerySet, status: str) -> TraineeQuerySet:
        if status == TrainingStatus.TRAINED:
            return people.filter(self._is_trained)
        if status == TrainingStatus.ENROLLED:
            return people.filter(self._is_enrolled).exclude(self._is_trained)
        return people.exclude(self._is_trained).exclude(self._is_enrolled)

    def of(self, people: Iterable[int]) -> dict[int, TrainingStatus]:
        """By the key of each."""
        ids = set(people)
        others = [row for row in self._survivors if resolved(row, self._survivors) in ids]
        rows = [*ids, *others]
        trained = self._resolved(_trained(self._terms, today=clock.today(), trainees=rows))
        enrolled = self._resolved(_enrolled(trainees=rows))
        return {
            person: TrainingStatus.TRAINED
            if person in trained
            else TrainingStatus.ENROLLED
            if person in enrolled
            else TrainingStatus.NOT_YET
            for person in ids
        }

    def _resolved(self, rows: Iterable[Sequence[int]]) -> set[int]:
        return {resolved(row, self._survivors) for (row,) in rows}


def _qualifying_by(day: Any, terms: Terms | None) -> CompletionQuerySet:
    return qualifying(Completion.objects.not_voided().filter(completed_on__lte=day), terms)


@Prepared
def _trained(terms: Terms | None) -> Any:
    return _of_trainees(_qualifying_by(Given("today"), terms))


@Prepared
def _enrolled() -> Any:
    return _of_trainees(Enrollment.objects.in_progress())


def _of_trainees(found: Any) -> Any:
    return found.filter(trainee__in=given_ids("trainees")).order_by().values_list("trainee_id")


def with_training_status(people: TraineeQuerySet, status: str) -> TraineeQuerySet:
    return TrainingStatuses().narrow(people, status)
