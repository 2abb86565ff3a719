"""Which classes wait for certificates, and how many: every result would have to be looked at."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
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
    seen = _present()
    known, owed = _looked_at[0]
    found = _owed_by_run(look="no" if known == seen else "yes")
    if known != seen:
        owed = dict(found)
        _looked_at[0] = (seen, owed)
    if not owed:
        return []
    return [(code, owed[pk]) for pk, code in _latest_first(runs=owed)[:most]]


@Prepared
def _present() -> Any:
    """No row before the first result."""
    results, certificates = Completion.objects.order_by(), Certificate.objects.order_by()
    voided = results.filter(voided_at__isnull=False)
    last_issued = certificates.order_by("-pk")
    return Completion.objects.order_by("-pk").values_list(
        *(Subquery(rows.values(number=Number())) for rows in (results, certificates, voided)),
        # Codes are drawn at random: the same key in another database has another one.
        *("pk", "trainee__code"),
        *(Subquery(last_issued.values(name)[:1]) for name in ("pk", "verification_code")),
    )[:1]


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
