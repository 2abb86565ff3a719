"""Which classes wait for certificates, and how many: every result would have to be looked at."""

from typing import Any

from django.db.models import Count, Exists, Model, OuterRef
from django.db.models.lookups import Exact

from certificates.models import Certificate
from common.prepared import Given, Number, Prepared, given_ids
from courses.models import CourseRun
from enrollment.models import Completion


def awaiting_certificates(most: int) -> list[tuple[str, int]]:
    """Code and number of each class, the latest first.

    Results and certificates are never deleted, and a result is voided once: with as many of each
    as when they were last looked at, and the same last ones, nothing has changed.
    """
    asked = (_number(Completion), _number(Certificate), _voided(), _last_result(), _last_issued())
    seen = [row for rows in asked for row in rows]
    known, owed = _looked_at[0]
    found = _owed_by_run(look="no" if known == seen else "yes")
    if known != seen:
        owed = dict(found)
        _looked_at[0] = (seen, owed)
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


@Prepared
def _owed_by_run() -> Any:
    """Asked for nothing the database answers at once: a page has as many statements either way."""
    certified = Exists(Certificate.objects.filter(completion=OuterRef("pk")))
    owed = Completion.objects.filter(Exact(Given("look"), "yes")).not_voided().exclude(certified)
    return owed.order_by().values_list("run_id").annotate(Count("pk"))


# Of this process: what was seen when it last looked, and what is owed of each class.
_looked_at: list[tuple[list[Any], dict[int, int]]] = [([], {})]
