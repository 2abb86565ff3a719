import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.choices import OVERSEERS
from accounts.http import AuthenticatedHttpRequest
from common import charts, formats
from common.access import allow
from counting.counter import counted
from counting.replay import Count
from targets.progress.forecast import Ahead, Forecast, Tried, forecast
from targets.progress.forecast_output import next_target
from targets.progress.quarters import Quarter, quarters_between
from targets.progress.quota_status import QuotaStatus, quota_statuses
from targets.progress.ranges import LEAST_QUARTERS
from targets.progress.road_map import plans_of
from targets.views.growth import growth_points
from targets.views.overview import MOST_ROWS, left_out

SHOWN_QUARTERS = 8
SHOWN_CLASSES = 4  # quarters whose planned classes are listed while there is no forecast
DRAWN_QUARTERS = 28


@allow(*OVERSEERS)
def forecast_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    count = counted()
    target = next_target(count)
    if target is None:
        return render(request, "targets/forecast.html", {"found": None})
    found = forecast(count, target)
    agencies = quota_statuses(plans_of(target, count), count)
    missing = sorted((one for one in agencies if one.missing), key=lambda one: -one.missing)
    context = {
        "found": forecast_texts(found),
        "rule": count.rule,
        "charts": _charts(found, count) if found.is_enough else (),
        "ahead": [_ahead_row(one) for one in found.ahead[:SHOWN_QUARTERS]],
        "tried": [_tried_row(one) for one in reversed(found.tried)],
        "agencies": [_agency_row(found, one) for one in missing[:MOST_ROWS]],
        "left_out": left_out(len(missing)),
    }
    return render(request, "targets/forecast.html", context)


def forecast_texts(found: Forecast) -> dict[str, Any]:
    due, by_deadline = found.target.due_on, found.by_deadline
    return {
        "is_enough": found.is_enough,
        "goal": formats.number(found.target.minimum),
        "due": formats.day(due),
        "is_past": due < found.as_of,
        "persons": formats.number(found.persons),
        "as_of": formats.day(found.as_of),
        "missing": formats.number(found.missing),
        "quarters_left": formats.number(round(quarters_between(found.as_of, due))),
        "reached": _month(found.reached_on) if found.is_enough else _("not enough data yet"),
        "outlook": _outlook(found),
        "range": _range(found),
        "by_deadline": _between(by_deadline.low, by_deadline.high) if by_deadline else "",
        "pace": formats.number(round(found.pace)) if found.pace is not None else "",
        "tried": formats.number(len(found.tried)),
        "held": formats.number(found.held),
        "share": f"{round(100 * found.held / len(found.tried))} %" if found.tried else "",
        "people": formats.number(found.people_per_quarter),
        "seats": _known(found.seats_per_quarter),
        "runs": _known(found.runs_per_quarter),
        "known_quarters": formats.number(max(0, found.quarters)),
        "least": formats.number(LEAST_QUARTERS),
        "first_possible": formats.day(found.first_possible.first),
    }


def _known(number: int | None) -> str:
    return formats.number(number) if number is not None else ""


def _month(day: dt.date | None) -> str:
    return f"{day:%m/%Y}" if day else _("not within 20 years")


def _outlook(found: Forecast) -> tuple[str, str] | None:
    """In words and as a tone: whether the whole range, a part of it or none of it is in time."""
    if not found.is_enough or not found.missing:
        return None
    if found.latest and found.latest <= found.target.due_on:
        return _("on track"), "good"
    if found.earliest and found.earliest <= found.target.due_on:
        return _("uncertain"), "wait"
    return _("behind schedule"), "bad"


def _range(found: Forecast) -> str:
    if not found.is_enough:
        return _("a forecast needs four full quarters of data")
    months = {"earliest": _month(found.earliest), "latest": _month(found.latest)}
    if found.earliest is None:
        return _("later than 20 years from now")
    if found.latest is None:
        return _("between %(earliest)s and later than 20 years from now") % months
    return _("between %(earliest)s and %(latest)s") % months


def _between(low: float, high: float) -> str:
    return f"{formats.number(round(low))}–{formats.number(round(high))}"


def _ahead_row(one: Ahead) -> tuple[str, str, str, str, str]:
    total = one.total
    figures = (one.runs, one.seats, round(total.expected))
    runs, seats, expected = (formats.number(figure) for figure in figures)
    return one.quarter.label, expected, _between(total.low, total.high), runs, seats


def _tried_row(one: Tried) -> tuple[str, str, str, str, bool]:
    asked = one.quarter
    for _quarter in range(one.ahead):
        asked = asked.previous
    between = _between(one.total.low, one.total.high)
    return asked.label, one.quarter.label, between, formats.number(one.truth), one.held


def _agency_row(found: Forecast, one: QuotaStatus) -> tuple[str, str, str, str, str, str]:
    people = found.part_of(one)
    missing, due = formats.number(one.missing), formats.day(one.due_on)
    if people is None:
        return one.quota.agency.name, missing, due, "", "", _("overdue")
    seats = found.seats_for(people)
    return one.quota.agency.name, missing, due, formats.number(people), _known(seats), ""


def _charts(found: Forecast, count: Count) -> list[tuple[str, SafeString]]:
    target, last = found.target, Quarter.of(found.target.due_on)
    drawn = [one for one in found.ahead[:DRAWN_QUARTERS] if one.quarter <= last]
    description = _(
        "The line shows the people counted until %(day)s: %(persons)s. The shaded band shows the "
        "range in which the number is expected, the dashed line its middle. The diamond is the "
        "target: %(goal)s by %(due)s."
    )
    texts = forecast_texts(found)
    what = {"day": texts["as_of"], **{key: texts[key] for key in ("persons", "goal", "due")}}
    return charts.in_both_sizes(
        growth_points(count),
        [charts.Mark(target.due_on, target.minimum, texts["goal"], not found.missing)],
        title=_("Forecast of people trained, with its range"),
        description=description % what,
        name="forecast",
        fan=_fan(drawn or found.ahead[:SHOWN_QUARTERS]),
    )


def _fan(ahead: Sequence[Ahead]) -> list[charts.Span]:
    return [
        charts.Span(one.quarter.last, one.total.low, one.total.expected, one.total.high)
        for one in ahead
    ]
