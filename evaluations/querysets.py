import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Max, Q

from agencies.models import Agency
from common import clock
from common.access import restricted
from common.relations import rows_behind
from enrollment.choices import HOLDING_A_SEAT
from evaluations.choices import USES_IT, ExampleState
from people.querysets import rows_of_user

if TYPE_CHECKING:
    from evaluations.models import Evaluation, EvaluationForm, FollowUp, FreeText


class EvaluationFormQuerySet(models.QuerySet["EvaluationForm"]):
    def current(self) -> Self:
        """The newest version of each."""
        newest = self.order_by().values("slug").annotate(newest=Max("pk")).values("newest")
        return self.filter(pk__in=newest)


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        if not user.has_role("trainer"):
            return self.none()
        return self.filter(run__trainers__user=user)

    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def with_valid_forms(self) -> Self:
        return self.filter(Q(valid_online__gt=0) | Q(valid_paper__gt=0))

    def to_close(self) -> Self:
        return self.filter(closed_at=None, closes_on__lt=clock.today())

    def open(self) -> Self:
        today = clock.today()
        return self.filter(closed_at=None, opens_on__lte=today, closes_on__gte=today)

    def waiting_for(self, user_id: int | None) -> Self:
        """Open ones that an account's person may answer and has not."""
        own = rows_behind(self, "invitations").filter(
            enrollment__trainee__in=rows_of_user(user_id),
            enrollment__state__in=HOLDING_A_SEAT,
        )
        return self.open().filter(pk__in=own.values("evaluation"))

    def of_year(self, year: int) -> Self:
        return self.filter(run__ends_on__year=year)

    def with_run(self) -> Self:
        return self.select_related("run__course", "form")


class FreeTextQuerySet(models.QuerySet["FreeText"]):
    def shown(self) -> Self:
        return self.filter(held_back_at=None)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """Answers about people whom the user's agencies sent."""
        if not user.has_role("coordinator"):
            return self.none()
        agencies = Agency.objects.visible_to_coordinator(user)
        return self.filter(completion__sending_agency__in=agencies)

    def of_user(self, user_id: int | None) -> Self:
        return self.filter(completion__trainee__in=rows_of_user(user_id), respondent="trainee")

    def with_words_for(self, user: Any) -> Self:
        """One's own, or all: coordinators see figures, not what their people wrote."""
        return self if user.reads_everything else self.of_user(user.pk)

    def waiting(self, day: dt.date) -> Self:
        return self.filter(answered_at=None, closes_on__gte=day)

    def examples(self) -> Self:
        return self.exclude(example_state="")

    def published(self) -> Self:
        return self.filter(example_state=ExampleState.PUBLISHED)

    def figures_by(self, *keys: str) -> Any:
        """Asked, answered, uses it, with an example: for each value of ``keys``."""
        return (
            self.order_by()
            .values(*keys)
            .annotate(
                asked=Count("pk"),
                answered=Count("pk", filter=Q(answered_at__isnull=False)),
                uses_it=Count("pk", filter=Q(use__in=USES_IT)),
                with_example=Count("pk", filter=~Q(example_state="")),
            )
        )
