"""The number, small: with its change, the year's line, the next target and when it is due."""

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from counting.replay import Count, GroupBy
from targets.models import Quota
from targets.progress import milestones
from targets.progress.forecast import forecast
from targets.progress.forecast_output import next_target
from targets.progress.quota_status import QuotaStatus, quota_statuses, worst
from targets.views.forecast import forecast_texts
from targets.views.overview import TONES

MONTHS, DAYS = 12, 30
WIDTH, HEIGHT, EDGE = 300, 56, 4
MOST_URGED = 3


def number_panel(count: Count) -> dict[str, Any]:
    before = count.persons_by([count.as_of - dt.timedelta(days=DAYS)]).popitem()[1]
    ahead = next_target(count)
    goals = milestones(count)
    return {
        "number": formats.number(count.persons),
        "is_empty": not count.completions,
        "gained": formats.signed(count.persons - before) if count.persons != before else "",
        "as_of": formats.day(count.as_of),
        "line": _line(count),
        "goal": next((_goal(one) for one in goals if ahead and one.due_on == ahead.due_on), None),
        "past": [_goal(one) for one in goals if ahead and one.due_on < ahead.due_on],
        "forecast": forecast_texts(forecast(count, ahead)) if ahead and count.completions else None,
        "rule": count.rule,
    }


def statuses_of_quotas(count: Count) -> list[QuotaStatus]:
    return quota_statuses(Quota.objects.current().select_related("target", "agency"), count)


def urged(statuses: list[QuotaStatus]) -> list[tuple[QuotaStatus, str]]:
    return [(status, TONES[status.state]) for status in worst(statuses, MOST_URGED)]


def _goal(goal: Any) -> dict[str, Any]:
    return {
        "minimum": formats.number(goal.minimum),
        "due": formats.day(goal.due_on),
        "persons": formats.number(goal.persons),
        "done": min(goal.persons, goal.minimum),
        "total": goal.minimum,
        "met_on": formats.day(goal.met_on),
    }


def _line(count: Count) -> SafeString:
    """The total at the end of each of the last twelve months, as paths of an SVG."""
    months = count.parts(GroupBy.MONTH)
    ends = _last_months(count.as_of)
    totals = [sum(part.persons for key, part in months.items() if key <= end) for end in ends]
    if not totals or totals[-1] == totals[0]:
        return SafeString("")
    low, spread = totals[0], totals[-1] - totals[0]
    step = (WIDTH - 2 * EDGE) / (len(totals) - 1)
    scale, floor = (HEIGHT - 3 * EDGE) / spread, HEIGHT - EDGE
    points = "L".join(
        f"{EDGE + number * step:.1f} {floor - scale * (total - low):.1f}"
        for number, total in enumerate(totals)
    )
    label = _("The last 12 months: from %(low)s to %(high)s people") % {
        "low": formats.number(totals[0]),
        "high": formats.number(totals[-1]),
    }
    return SafeString(
        f'<svg class="spark chart" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
        f' role="img" aria-label="{label}">'
        f'<path class="chart-area" d="M{points}V{HEIGHT}H{EDGE}Z"/>'
        f'<path class="chart-line" d="M{points}" vector-effect="non-scaling-stroke"/></svg>'
    )


def _last_months(day: dt.date) -> list[str]:
    found = [day]
    for _month in range(MONTHS):
        found.insert(0, found[0].replace(day=1) - dt.timedelta(days=1))
    return [f"{one:%Y-%m}" for one in found]
