from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.http import AuthenticatedHttpRequest
from common import bar_charts, formats
from common.access import SIGNED_IN, allow
from common.downloads import CSV, attachment
from counting.counter import counted
from counting.forms import NumberForm
from counting.groups import Group, groups
from counting.output import as_rows
from counting.replay import Count, GroupBy
from counting.sheets import figures_csv
from targets.views.growth import growth_picture

MOST_BARS = 12


@allow(SIGNED_IN)
def number_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = NumberForm(request.GET or None)
    if form.errors:
        return render(request, "targets/number.html", {"form": form})
    count, by, today = _asked(form)
    found = groups(count, by, as_it_is_today=today)
    context = {
        "form": form,
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "known": formats.exact(count.known_as_of),
        "completions": _completions(count.completions),
        "rule": count.rule,
        "caption": dict(NumberForm.PARTS)[by],
        "rows": [_cells(group.label, group.persons, group.completions) for group in found],
        "bars": _bars(found) if by != GroupBy.MONTH else "",
        "growth": growth_picture(count),
        "total": _cells(_("All"), count.persons, count.completions),
        "csv": f"{reverse('number_csv')}?{request.GET.urlencode()}",
    }
    return render(request, "targets/number.html", context)


def _bars(found: Sequence[Group]) -> SafeString | str:
    """The largest parts; the table beneath holds all."""
    if len(found) < 2:
        return ""
    largest = sorted(found, key=lambda group: -group.persons)[:MOST_BARS]
    return bar_charts.horizontal(
        [(group.label, group.persons) for group in largest if group.persons],
        title=_("The largest parts of the number"),
        description=_("The table beneath holds the same figures."),
        name="parts-chart",
    )


@allow(SIGNED_IN)
def number_csv(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The same as a table that carries its day, instant and rule."""
    form = NumberForm(request.GET or None)
    if form.errors:
        problems = {name: [str(error) for error in found] for name, found in form.errors.items()}
        return JsonResponse({"errors": problems}, status=400)
    count, by, today = _asked(form)
    table = figures_csv(as_rows(count, [by], as_it_is_today=today))
    headers = attachment(f"number-{count.as_of.isoformat()}-{by}.csv")
    return HttpResponse(table, content_type=CSV, headers=headers)


def _asked(form: NumberForm) -> tuple[Count, GroupBy, bool]:
    asked: dict[str, Any] = form.cleaned_data if form.is_bound else {}
    count = counted(asked.get("as_of"), known_as_of=asked.get("known_as_of"))
    today = asked.get("agencies") == NumberForm.TODAY
    return count, asked.get("by", GroupBy.SECTOR), today


def _completions(number: int) -> str:
    text = ngettext("%(number)s completion", "%(number)s completions", number)
    return text % {"number": formats.number(number)}


def _cells(label: str, persons: int, completions: int) -> tuple[str, str, str]:
    return label, formats.number(persons), formats.number(completions)
