"""The adjustments of a report in the words of its page."""

import datetime as dt
from collections import Counter
from typing import Any

from agencies.choices import Sector
from common import formats
from targets.progress.adjustments import (
    Adjustment,
    Adjustments,
    CompletionChange,
    Credit,
    labels,
)

MOST = 500  # rows of a list; the annex and the API have all


def changes_shown(changed: Adjustments) -> dict[str, Any]:
    names, kinds = labels(), Counter(one.kind for one in changed.people)
    return {
        "now": formats.number(changed.now.persons),
        "known": formats.exact(changed.now.known_as_of),
        "difference": formats.signed(changed.persons),
        "completions_difference": formats.signed(changed.completions),
        "kinds": [(names[kind], kinds[kind]) for kind in names if kinds[kind]],
        "adjustments": [
            _change(names[one.kind], one.persons, one) | _from_and_to(one.before, one.after)
            for one in changed.people[:MOST]
        ],
        "changes": [
            _change(names[one.kind], one.completions, one) | {"credit": _credit(one.credit)}
            for one in changed.changes[:MOST]
        ],
        "left_out": MOST if max(len(changed.people), len(changed.changes)) > MOST else 0,
    }


def _change(kind: str, figure: int, one: Adjustment | CompletionChange) -> dict[str, Any]:
    return {
        "kind": kind,
        "figure": formats.signed(figure),
        "code": one.code,
        "name": one.full_name,
        "detail": one.detail,
    }


def _from_and_to(before: Credit | None, after: Credit | None) -> dict[str, str]:
    return {"before": _credit(before), "after": _credit(after)}


def _credit(credit: Credit | None) -> str:
    if credit is None:
        return ""
    sector = dict(Sector.choices).get(credit.sector, "")
    day = formats.day(dt.date.fromisoformat(credit.since))
    return f"{day} · {credit.run} · {credit.agency_name} ({sector})"
