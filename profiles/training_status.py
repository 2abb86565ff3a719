from collections.abc import Iterable
from typing import Any

from common import clock
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS, qualifying
from enrollment.models import Completion, Enrollment
from enrollment.querysets import CompletionQuerySet
from people.choices import TrainingStatus
from people.models import Merge, Trainee
from people.querysets import TraineeQuerySet, having, resolved


class TrainingStatuses:
    """How far people are with the programme today; rows merged into a person count for them.

    *Trained* is whom the counting rule in force counts, *enrolled* whoever has a live enrollment.
    """

    def __init__(self) -> None:
        now = clock.now()
        self._survivors = Merge.objects.present_survivor_by_absorbed()
        rule = CountingRule.objects.in_force(TRAINED_OFFICIALS, now)
        status = Completion.objects.not_voided().filter(completed_on__lte=clock.today())
        self._trained: CompletionQuerySet = qualifying(status, rule)
        self._on_the_way = Enrollment.objects.in_progress()

    def narrow(self, people: TraineeQuerySet, status: str) -> TraineeQuerySet:
        trained = having(self._trained, self._survivors)
        if status == TrainingStatus.TRAINED:
            return people.filter(trained)
        enrolled = having(self._on_the_way, self._survivors)
        if status == TrainingStatus.ENROLLED:
            return people.filter(enrolled).exclude(trained)
        return people.exclude(trained).exclude(enrolled)

    def of(self, people: Iterable[Trainee]) -> dict[int, TrainingStatus]:
        ids = {person.pk for person in people}
        others = [row for row in self._survivors if resolved(row, self._survivors) in ids]
        rows = [*ids, *others]
        trained = self._persons(self._trained.filter(trainee__in=rows))
        enrolled = self._persons(self._on_the_way.filter(trainee__in=rows))
        return {
            person: TrainingStatus.TRAINED
            if person in trained
            else TrainingStatus.ENROLLED
            if person in enrolled
            else TrainingStatus.NOT_YET
            for person in ids
        }

    def _persons(self, rows: Any) -> set[int]:
        ids = rows.order_by().values_list("trainee_id", flat=True)
        return {resolved(row, self._survivors) for row in ids}


def with_training_status(people: TraineeQuerySet, status: str) -> TraineeQuerySet:
    return TrainingStatuses().narrow(people, status)
