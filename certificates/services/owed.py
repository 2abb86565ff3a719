"""Which classes wait for certificates, and how many: every result would have to be looked at."""

from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, Model, OuterRef

from certificates.models import Certificate
from common.prepared import Number, Prepared, given_ids
from courses.models import CourseRun
from enrollment.models import Completion


def awaiting_certificates(most: int) -> list[tuple[str, int]]:
    """Code and number of each class, the latest first.

    Results and certificates are never deleted, and a result is voided once: with as many of each
    as when they were last looked at, and the same last ones, nothing has changed.
    """
    asked = (_number(Completion), _number(Certificate), _voided(), _last_result(), _last_issued())
    owed = _owed_by_run(tuple(row for rows in asked for row in rows))
    if not owed:
        return []
    return [(code, owed[pk]) for pk, code in _latest_first(runs=owed)[:most]]


@Prepared
def _number(model: type[Model]) -> Any:
    return model._default_manager.order_by().values_list(Number())


@Prepared
def _voided() -> Any:
    return Completion.objects.filter(voided_at__isnull=False).order_by().values_list(Number())


@Prepared
def _last_result() -> Any:
    # Codes are drawn at random: the same key in another database has another one.
    return Completion.objects.order_by("-pk").values_list("pk", "trainee__code")[:1]


@Prepared
def _last_issued() -> Any:
    return Certificate.objects.order_by("-pk").values_list("pk", "verification_code")[:1]


@Prepared
def _latest_first() -> Any:
    runs = CourseRun.objects.filter(pk__in=given_ids("runs"))
    return runs.order_by("-ends_on", "code").values_list("pk", "code")


@lru_cache(maxsize=1)
def _owed_by_run(_seen: tuple[Any, ...]) -> dict[int, int]:
    certified = Exists(Certificate.objects.filter(completion=OuterRef("pk")))
    owed = Completion.objects.not_voided().exclude(certified).order_by()
    return dict(owed.values_list("run_id").annotate(Count("pk")))
