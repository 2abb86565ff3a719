"""The last reconciliation as it was stored: figures at once, names when they are looked at."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from typing import Any

from accounts.models import User
from common.bulk import in_list
from common.deferred_messages import message_from_json
from counting.models import CountingRule
from jobs.stored_results import StoredList, store, store_lists, stored_result
from people.models import Trainee
from targets.progress.findings import Finding
from targets.progress.reconciliation import OtherDay, Reconciliation, Step, StepReason
from targets.progress.reconciliation_rows import Named

KIND = "reconcile"
_OTHER_DAYS = "other_days"


def store_reconciliation(found: Reconciliation) -> None:
    store_lists(KIND, _lists(found))
    store(KIND, _figures(found), at=found.known_as_of)


def stored_reconciliation() -> Reconciliation | None:
    row = stored_result(KIND)
    if row is None or row.computed_at is None:
        return None
    content = row.content
    return Reconciliation(
        row.computed_at,
        [_step(step) for step in content["steps"]],
        [Finding(code, message_from_json(words)) for code, words in content["unexplained"]],
        CountingRule.objects.filter(pk=content["rule"]).first(),
        StoredList(KIND, _OTHER_DAYS, content["outside_class_days"], make=_other_day),
    )


def visible_codes(user: User, codes: Collection[str]) -> set[str]:
    """Of the trainee codes in a stored result, those whose person the user may see now."""
    if not codes:
        return set()
    visible = Trainee.objects.visible_to(user).filter(code__in=in_list(codes))
    return set(visible.values_list("code", flat=True))


def _figures(found: Reconciliation) -> dict[str, Any]:
    return {
        "rule": found.rule and found.rule.pk,
        "steps": [
            {
                "key": step.key,
                "count": step.count,
                "difference": step.difference,
                "reasons": [(one.code, one.count, len(one.people)) for one in step.reasons],
            }
            for step in found.steps
        ],
        "unexplained": [(one.code, one.sentence.as_json()) for one in found.unexplained],
        "outside_class_days": len(found.outside_class_days),
    }


def _lists(found: Reconciliation) -> Iterator[tuple[str, Any]]:
    for step in found.steps:
        for reason in step.reasons:
            yield f"{step.key}/{reason.code}", map(tuple, reason.people)
    yield _OTHER_DAYS, (one.as_json() for one in found.outside_class_days)


def _step(stored: dict[str, Any]) -> Step:
    key = stored["key"]
    make: Callable[[list[str]], Named] = Named._make
    reasons = [
        StepReason(code, count, StoredList(KIND, f"{key}/{code}", people, make=make))
        for code, count, people in stored["reasons"]
    ]
    return Step(key, stored["count"], stored["difference"], reasons)


def _other_day(stored: dict[str, Any]) -> OtherDay:
    return OtherDay(**stored | {"completed_on": dt.date.fromisoformat(stored["completed_on"])})
