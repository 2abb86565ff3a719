"""The four indicators of Decision 699, and the values reported of the percentages."""

import datetime as dt
from typing import Any, TypeAlias

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.choices import PEOPLE_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import SIGNED_IN, allow
from counting.choices import Unit
from counting.counter import counted
from counting.forms import AsOfForm
from counting.models import Indicator
from targets.models import IndicatorValue, Target
from targets.progress import milestones
from targets.progress.percentages import measured, percent_milestones
from targets.views.measures import goal, measure_texts
from targets.views.values import agencies_reported_by, value_row

MOST_ROWS = 200
Known: TypeAlias = "dt.date | dt.datetime | None"


@allow(SIGNED_IN)
def indicators_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AsOfForm(request.GET or None)
    if form.errors:
        return render(request, "targets/indicators.html", {"form": form})
    asked = form.cleaned_data if form.is_bound else {}
    as_of, known = asked.get("as_of") or clock.today(), asked.get("known_as_of")
    shown = [_indicator(row, as_of, known) for row in Indicator.objects.order_by("slug")]
    # The one that is counted by person comes first.
    shown.sort(key=lambda one: not one["is_counted"])
    context = {"form": form, "indicators": shown, "as_of": formats.day(as_of)}
    return render(request, "targets/indicators.html", context)


def _indicator(row: Indicator, as_of: dt.date, known: Known) -> dict[str, Any]:
    if row.unit == Unit.PERSONS:
        return _counted(row, as_of, known)
    measure = measured(row, as_of, known_as_of=known)
    return measure_texts(measure, percent_milestones(measure))


def _counted(row: Indicator, as_of: dt.date, known: Known) -> dict[str, Any]:
    count = counted(as_of, known_as_of=known, indicator=row.slug)
    return {
        "slug": row.slug,
        "title": row.title,
        "is_counted": True,
        "rule": count.rule,
        "figure": formats.number(count.persons),
        "note": _("people, %(completions)s completions")
        % {"completions": formats.number(count.completions)},
        "targets": [
            goal(f"≥ {formats.number(one.minimum)}", one.due_on, one.met, as_of, one.legal_basis)
            for one in milestones(count)
        ],
    }


@allow(*PEOPLE_READERS)
def indicator_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Reported values of one percentage; coordinators see those of their own agency."""
    indicator = get_object_or_404(Indicator, slug=slug)
    values = IndicatorValue.objects.visible_to(request.user).filter(indicator=indicator)
    is_percentage = indicator.unit == Unit.PERCENT
    may_decide = request.user.has_role(Role.PROGRAMME_OFFICE)
    context = {
        "indicator": indicator,
        "shown": _indicator(indicator, clock.today(), None),
        "as_of": formats.day(clock.today()),
        "values": [value_row(value) for value in values.with_replacements()[:MOST_ROWS]],
        "may_report": is_percentage and agencies_reported_by(request.user).exists(),
        "may_decide": may_decide,
        "ahead": _ahead(indicator) if may_decide else (),
    }
    return render(request, "targets/indicator.html", context)


def _ahead(indicator: Indicator) -> list[tuple[int, str]]:
    """The targets that may still be changed, each with its due day."""
    rows = Target.objects.of(indicator.slug).current().filter(due_on__gte=clock.today())
    return [(target.pk, formats.day(target.due_on)) for target in rows]
