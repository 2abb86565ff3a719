import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.choices import OVERSEERS
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from counting.counter import counted
from counting.replay import TRAINED_OFFICIALS, Count
from targets.models import Quota, Target
from targets.progress.forecast import Ahead, BackTest, Forecast, forecast
from targets.progress.quota_status import QuotaStatus, quota_statuses

SHOWN_QUARTERS = 8


@allow(*OVERSEERS)
def forecast_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The forecast of the next target that is due."""
    count = counted()
    target = next_target(count)
    if target is None:
        return render(request, "targets/forecast.html", {"found": None})
    found = forecast(count, target)
    agencies = quota_statuses(Quota.objects.filter(target=target).by_agency(), count)
    context = {
        "found": forecast_texts(found),
        "rule": count.rule,
        "ahead": [_ahead_row(one) for one in found.ahead[:SHOWN_QUARTERS]],
        "tests": [_test_row(one) for one in found.tests],
        "agencies": [_agency_row(found, one) for one in agencies if one.missing],
    }
    return render(request, "targets/forecast.html", context)


def next_target(count: Count) -> Target | None:
    """The target that is due next, or the last one."""
    targets = Target.objects.of(TRAINED_OFFICIALS).current()
    return targets.filter(due_on__gte=count.as_of).first() or targets.last()


def forecast_texts(found: Forecast) -> dict[str, Any]:
    return {
        "goal": formats.number(found.target.minimum),
        "due": formats.day(found.target.due_on),
        "persons": formats.number(found.persons),
        "as_of": formats.day(found.as_of),
        "missing": formats.number(found.missing),
        "reached": _month(found.reached_on),
        "earliest": _month(found.earliest),
        "latest": _month(found.latest),
        "in_time": bool(found.reached_on and found.reached_on <= found.target.due_on),
        "range": _range(found),
        "pace": formats.number(round(found.pace)),
        "error": f"{round(100 * found.error)} %" if found.error is not None else "",
        "gain": formats.number(round(100 * found.gain)),
        "people": formats.number(found.people_per_quarter),
        "seats": formats.number(found.seats_per_quarter),
        "runs": formats.number(found.runs_per_quarter),
    }


def _month(day: dt.date | None) -> str:
    return f"{day:%m/%Y}" if day else _("not within 20 years")


def _range(found: Forecast) -> str:
    if found.error is None:
        return _("not enough data on past quarters to state the uncertainty")
    months = {"earliest": _month(found.earliest), "latest": _month(found.latest)}
    if found.latest is None:
        return _("between %(earliest)s and later than 20 years from now") % months
    return _("between %(earliest)s and %(latest)s") % months


def _ahead_row(one: Ahead) -> tuple[str, str, str, str, str]:
    figures = (one.runs, one.seats, round(one.expected), round(one.total))
    runs, seats, expected, total = (formats.number(figure) for figure in figures)
    return one.quarter.label, runs, seats, expected, total


def _test_row(one: BackTest) -> tuple[str, str, str, str]:
    off = one.actual - round(one.forecast)
    forecast_text, actual = formats.number(round(one.forecast)), formats.number(one.actual)
    return one.quarter.label, forecast_text, actual, formats.signed(off)


def _agency_row(found: Forecast, one: QuotaStatus) -> tuple[str, str, str, str, str]:
    people, seats = found.part_of(one)
    figures = (one.missing, people, seats)
    missing, people_text, seats_text = (formats.number(figure) for figure in figures)
    due = formats.day(one.due_on)
    return one.quota.agency.name, missing, due, people_text, seats_text
