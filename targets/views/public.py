"""The number for everybody: totals only, never a person."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common import clock, formats
from common.access import ANYBODY, allow
from common.drawn_pages import drawn_for_all
from counting.counter import counted
from counting.groups import groups
from counting.output import Row, as_rows
from counting.replay import Count, GroupBy
from counting.sheets import figures_csv
from targets.forms import PublicAsOfForm
from targets.progress import as_json
from targets.views.public_figures import completions_text, figures_html

# Data without any person: anybody may use them, naming where they come from.
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@allow(ANYBODY)
@drawn_for_all
def public_progress(request: HttpRequest) -> HttpResponse:
    form, as_of = _asked_day(request)
    count = counted(as_of)
    has_figures = count.completions > 0 or counted().completions > 0
    context = {
        "form": form,
        "has_figures": has_figures,
        "is_today": count.as_of == clock.today(),
        "as_of_day": count.as_of.isoformat(),
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "completions": completions_text(count.completions),
        "figures": figures_html(count),
        "licence": LICENCE,
    }
    return render(request, "targets/public_progress.html", context, status=_status(form))


def _asked_day(request: HttpRequest) -> tuple[PublicAsOfForm, dt.date | None]:
    """The day asked for; None where it is not valid, which the form says."""
    form = PublicAsOfForm(request.GET if "as_of" in request.GET else None)
    day = form.cleaned_data.get("as_of") if form.is_bound and form.is_valid() else None
    return form, day


def _status(form: PublicAsOfForm) -> int:
    return 400 if form.errors else 200


# Open data ------------------------------------------------------------------------------

# Not by course: that is summed from every completion, too slow for a page open to anybody.
PUBLIC_PARTS = (GroupBy.SECTOR, GroupBy.KIND, GroupBy.AGENCY, GroupBy.MONTH)


@allow(ANYBODY)
def open_data(request: HttpRequest, form: str) -> HttpResponse:
    """The number with its rule and its public parts, as JSON or CSV."""
    asked, as_of = _asked_day(request)
    if asked.errors:
        problem = {"code": "as_of_refused", "message": asked.errors["as_of"][0]}
        return JsonResponse({"error": problem}, status=400)
    count = counted(as_of)
    if form == "json":
        parts = {str(by): [asdict(group) for group in groups(count, by)] for by in PUBLIC_PARTS}
        body = as_json(count) | {"groups": parts, "licence": LICENCE}
        answer: HttpResponse = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    else:
        answer = HttpResponse(figures_csv(_rows(count)), content_type="text/csv; charset=utf-8")
    name = f"progress-{count.as_of.isoformat()}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Link"] = f'<{LICENCE}>; rel="license"'
    return answer


def _rows(count: Count) -> Iterator[Row]:
    yield from as_rows(count, PUBLIC_PARTS)
    yield "licence", "", LICENCE, None, None
