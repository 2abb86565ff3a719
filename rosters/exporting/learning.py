"""What people did for a class: units done, and scores of its test."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from learning.choices import Stage
from learning.models import Attempt, UnitDone
from rosters.fields import FIELD
from rosters.roster_field import Owner


def with_learning(rows: Any, fields: Sequence[str], reader: User | None) -> Any:
    """Enrollments with the annotations of ``RosterField.paths`` that the columns need.

    Scores are those that the ``reader`` may see (None sees all): coordinators see none.
    """
    wanted = {key for key in fields if FIELD[key].owner is Owner.LEARNING}
    if not wanted:
        return rows
    attempts = Attempt.objects.visible_to(reader) if reader else Attempt.objects.all()
    done = UnitDone.objects.filter(enrollment=OuterRef("pk")).order_by().values("enrollment")
    values = {
        "units_done": Coalesce(Subquery(done.annotate(number=Count("pk")).values("number")), 0),
        "test_before": _best(attempts, Stage.BEFORE),
        "test_after": _best(attempts, Stage.AFTER),
    }
    return rows.annotate(**{path: values[key] for key in wanted for path in FIELD[key].paths})


def _best(attempts: QuerySet[Attempt], stage: str) -> Subquery:
    """Of the test that gives the class its score."""
    taken = attempts.filter(
        enrollment=OuterRef("pk"), stage=stage, score__isnull=False, test__gives_score=True
    )
    return Subquery(taken.order_by("-score").values("score")[:1])
