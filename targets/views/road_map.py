import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from agencies.choices import Sector
from common import bar_charts, formats
from common.access import SIGNED_IN, allow
from common.charts import Size
from counting.counter import counted
from counting.forms import AsOfForm
from counting.replay import Count
from targets.models import Quota, Target
from targets.progress.forecast import Forecast, forecast
from targets.progress.forecast_output import next_target
from targets.progress.road_map import (
    AudiencePlanStatus,
    PlanStatus,
    Year,
    added_up,
    plans_of,
    road_map,
    road_map_by_audience,
)
from targets.views.overview import MOST_ROWS, left_out

DRAWN = 8  # agencies with a picture of their own: those furthest behind


@allow(SIGNED_IN)
def road_map_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Plan against actual by agency; coordinators see those of their own agency."""
    form, count = asked_count(request)
    context: dict[str, Any] = {
        "form": form,
        "may_set": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    if count is not None:
        target = next_target(count)
        plans = plans_of(target, count, request.user) if target else []
        statuses = sorted(road_map(plans, count), key=lambda status: status.ahead)
        context |= _shown(statuses, count, target)
        context["audiences"] = [_audience(one) for one in road_map_by_audience(plans, count)]
    return render(request, "targets/road_map.html", context, status=400 if form.errors else 200)


def asked_count(request: HttpRequest) -> tuple[AsOfForm, Count | None]:
    """The count of the day asked for; None where a date is wrong."""
    form = AsOfForm(request.GET or None)
    if form.errors:
        return form, None
    data = form.cleaned_data if form.is_bound else {}
    return form, counted(data.get("as_of"), known_as_of=data.get("known_as_of"))


def _shown(statuses: Sequence[PlanStatus], count: Count, target: Target | None) -> dict[str, Any]:
    found = forecast(count, target) if target and statuses else None
    behind = [status for status in statuses if status.ahead < 0]
    return {
        "as_of": formats.day(count.as_of),
        "rule": count.rule,
        "target": target and target_label(target),
        "rows": [_row(status, found) for status in statuses[:MOST_ROWS]],
        "left_out": left_out(len(statuses)),
        "behind": formats.number(len(behind)),
        "total": _picture(_("All agencies"), added_up(statuses), "all", bar_charts.WIDE),
        "sectors": [
            _picture(str(sector.label), added_up(own), f"sector-{n}", bar_charts.SMALL)
            for n, sector in enumerate(Sector)
            if (own := [status for status in statuses if status.quota.agency.sector == sector])
        ],
        "agencies": [
            _picture(
                status.quota.agency.name,
                status.years,
                f"agency-{status.quota.pk}",
                bar_charts.SMALL,
            )
            for status in statuses[:DRAWN]
        ],
    }


def target_label(target: Target) -> str:
    return _("At least %(minimum)s by %(day)s") % {
        "minimum": formats.number(target.minimum),
        "day": formats.day(target.due_on),
    }


def _row(status: PlanStatus, found: Forecast | None) -> dict[str, Any]:
    people, step = status.people_per_quarter, status.next_step
    seats = found.seats_for(people) if found else None
    runs = found.runs_for(people) if found else None
    state, tone = _state(status)
    return {
        "pk": status.quota.pk,
        "agency": status.quota.agency.name,
        "planned": formats.number(status.planned),
        "persons": formats.number(status.persons),
        "state": state,
        "tone": tone,
        "next": step and f"{formats.number(step.persons)} ({formats.day(step.day)})",
        "people": formats.number(people),
        "seats": formats.number(seats) if seats is not None else "–",
        "runs": formats.number(runs) if runs is not None else "–",
    }


def _audience(status: AudiencePlanStatus) -> tuple[str, ...]:
    return (
        f"{status.quota.agency.name}: {status.audience.title}",
        formats.number(status.planned),
        formats.number(status.persons),
        formats.signed(status.persons - status.planned),
        f"{formats.number(status.plan[-1].persons)} ({formats.day(status.plan[-1].day)})",
    )


def _state(status: PlanStatus) -> tuple[str, str]:
    number = {"number": formats.number(abs(status.ahead))}
    if status.ahead < 0:
        return _("%(number)s behind") % number, "bad"
    if not status.planned:
        return _("no step due yet"), ""
    if status.ahead:
        return _("%(number)s ahead") % number, "good"
    return _("as planned"), "good"


def _picture(title: str, years: Sequence[Year], name: str, size: Size) -> dict[str, Any]:
    columns = [bar_charts.Column(str(year.year), year.planned, year.actual) for year in years]
    return {
        "title": title,
        "chart": _bars(title, columns, name, size) if columns else "",
        "name": name,
        "years": [
            (str(one.year), _or_dash(one.planned), _or_dash(one.actual), _difference(one))
            for one in years
        ],
    }


def _bars(title: str, columns: list[bar_charts.Column], name: str, size: Size) -> SafeString:
    return bar_charts.bars(
        columns,
        title=_("%(title)s: plan and actual by the end of each year") % {"title": title},
        description=_("Outlined bars show the plan, filled bars the people counted by then."),
        name=name,
        size=size,
    )


def _or_dash(number: int | None) -> str:
    return "–" if number is None else formats.number(number)


def _difference(year: Year) -> str:
    if year.planned is None or year.actual is None:
        return "–"
    return formats.signed(year.actual - year.planned)


def quota_versions(quota: Quota) -> list[tuple[str, str, str]]:
    """The versions of a plan, newest first: since when, its steps, and why."""
    rows = [quota, *Quota.objects.filter(replaced_by=quota).select_related("target")]
    rows.sort(key=lambda row: row.believed_from or _LONG_AGO, reverse=True)
    return [
        (
            formats.instant(row.believed_from) if row.believed_from else _("from the start"),
            "; ".join(f"{formats.day(day)}: {formats.number(number)}" for day, number in row.plan),
            row.change_reason,
        )
        for row in rows
    ]


_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)
