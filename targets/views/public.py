"""The number, for everybody to see: totals only, never a person."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from agencies.choices import Sector
from common import charts, clock, formats
from common.access import ANYBODY, open_to
from common.spreadsheets import Column, write_csv
from targets.forms import PublicAsOfForm
from targets.progress import Count, Group, GroupBy, Milestone, as_json, counted, groups, milestones

# Data without any person: anybody may use them, naming where they come from.
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@open_to(ANYBODY)
def public_progress(request: HttpRequest) -> HttpResponse:
    """How many people have been trained, as of today or a day gone by."""
    form, as_of = _asked_day(request)
    count = counted(as_of)
    context = {
        "form": form,
        "is_today": count.as_of == clock.today(),
        "as_of_day": count.as_of.isoformat(),
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "completions": _completions(count.completions),
        "drawn": _drawn(_figures(count), get_language()),
        "licence": LICENCE,
    }
    return render(request, "targets/public_progress.html", context, status=_status(form))


def _asked_day(request: HttpRequest) -> tuple[PublicAsOfForm, dt.date | None]:
    """The day asked for; nothing where it is none, or still to come: the form says so."""
    form = PublicAsOfForm(request.GET if "as_of" in request.GET else None)
    day = form.cleaned_data.get("as_of") if form.is_bound and form.is_valid() else None
    return form, day


def _status(form: PublicAsOfForm) -> int:
    return 400 if form.errors else 200


# Open data ------------------------------------------------------------------------------

_COLUMNS = ("by", "key", "label", "persons", "completions")


@open_to(ANYBODY)
def open_data(request: HttpRequest, form: str) -> HttpResponse:
    """The number and its parts by sector, kind, agency and month, as JSON or CSV."""
    asked, as_of = _asked_day(request)
    if asked.errors:
        problem = {"code": "as_of_refused", "message": asked.errors["as_of"][0]}
        return JsonResponse({"error": problem}, status=400)
    count = counted(as_of)
    if form == "json":
        parts = {str(by): [asdict(group) for group in groups(count, by)] for by in GroupBy}
        body = as_json(count) | {"groups": parts, "licence": LICENCE}
        answer: HttpResponse = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    else:
        columns = [Column(name, name) for name in _COLUMNS]
        answer = HttpResponse(
            b"".join(write_csv(columns, _rows(count))), content_type="text/csv; charset=utf-8"
        )
    name = f"progress-{count.as_of.isoformat()}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Link"] = f'<{LICENCE}>; rel="license"'
    return answer


def _rows(count: Count) -> Iterator[tuple[str, str, str, int, int]]:
    yield "total", "", count.as_of.isoformat(), count.persons, count.completions
    for by in GroupBy:
        for group in groups(count, by):
            yield str(by), group.key, group.label, group.persons, group.completions
    yield "licence", "", LICENCE, 0, 0


# Telling --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the page shows of the number; the same figures are drawn once."""

    as_of: dt.date
    persons: int
    completions: int
    goals: tuple[Milestone, ...]
    months: tuple[Group, ...]
    sectors: tuple[tuple[str, int], ...]
    agencies: tuple[Group, ...]
    rule: tuple[int, str] | None


def _figures(count: Count) -> Figures:
    return Figures(
        as_of=count.as_of,
        persons=count.persons,
        completions=count.completions,
        goals=tuple(milestones(count)),
        months=tuple(groups(count, GroupBy.MONTH)),
        sectors=tuple(count.by_sector.items()),
        agencies=tuple(groups(count, GroupBy.AGENCY)),
        rule=(count.rule.version, count.rule.sentence) if count.rule else None,
    )


def forget() -> None:
    """Forget what was drawn: the next page is drawn anew."""
    _drawn.cache_clear()


@lru_cache(maxsize=32)
def _drawn(figures: Figures, language: str) -> str:
    """What the page tells of the figures, in the language that is active."""
    context = {
        "goals": [_goal(goal, figures.as_of) for goal in figures.goals],
        "charts": _charts(figures),
        "years": _terms(_by_year(figures.months)),
        "months": _terms((group.label, group.persons) for group in figures.months),
        "sectors": _sectors(figures),
        "agencies": [
            (group.label, formats.number(group.persons), formats.number(group.completions))
            for group in figures.agencies
        ],
        "rule": figures.rule,
        "completions": _completions(figures.completions),
    }
    return render_to_string("targets/public_figures.html", context)


def _completions(number: int) -> str:
    text = ngettext(
        "%(completions)s qualifying completion: a person who completes several courses counts once",
        "%(completions)s qualifying completions: a person who completes several courses counts"
        " once",
        number,
    )
    return text % {"completions": formats.number(number)}


def _goal(goal: Milestone, as_of: dt.date) -> dict[str, Any]:
    """A target as the page shows it: what, how far, and since when."""
    minimum = formats.number(goal.minimum)
    if goal.met_on and goal.met:
        state, tone = _("reached on %(day)s") % {"day": formats.day(goal.met_on)}, "good"
    elif goal.met_on:
        state, tone = _("reached late, on %(day)s") % {"day": formats.day(goal.met_on)}, "wait"
    elif goal.due_on < as_of:
        state, tone = _("not reached"), "bad"
    else:
        missing = {"missing": formats.number(goal.minimum - goal.persons)}
        state, tone = _("%(missing)s more to go") % missing, ""
    return {
        "label": _goal_label(goal),
        "text": f"{formats.number(goal.persons)} / {minimum}",
        "done": min(goal.persons, goal.minimum),
        "total": goal.minimum,
        "state": state,
        "tone": tone,
        "legal_basis": goal.legal_basis,
    }


def _goal_label(goal: Milestone) -> str:
    return _("At least %(minimum)s by %(day)s") % {
        "minimum": formats.number(goal.minimum),
        "day": formats.day(goal.due_on),
    }


def _charts(figures: Figures) -> list[tuple[str, SafeString]]:
    """The same chart for wide and for narrow screens; the stylesheet shows one of them."""
    points = list(_points(figures))
    if not points and not figures.goals:
        return []
    marks = [
        charts.Mark(goal.due_on, goal.minimum, formats.number(goal.minimum), goal.met)
        for goal in figures.goals
    ]
    description = _(
        "The line climbs with every person counted for the first time and stands at %(persons)s"
        " on %(day)s. The diamonds are the targets: %(targets)s."
    ) % {
        "persons": formats.number(figures.persons),
        "day": formats.day(figures.as_of),
        "targets": "; ".join(_goal_label(goal) for goal in figures.goals),
    }
    title = _("People trained since the programme began, against the targets")
    return [
        (
            name,
            charts.cumulative(
                points, marks, title=title, description=description, name=name, size=size
            ),
        )
        for name, size in (("wide", charts.WIDE), ("narrow", charts.NARROW))
    ]


def _points(figures: Figures) -> Iterator[charts.Point]:
    """The number at the end of every month in which it moved, and at the as-of day."""
    total, day = 0, None
    for month in figures.months:
        total += month.persons
        year, number = map(int, month.key.split("-"))
        end = dt.date(year + number // 12, number % 12 + 1, 1) - dt.timedelta(days=1)
        day = min(end, figures.as_of)
        yield charts.Point(day, total)
    if day and day < figures.as_of:
        yield charts.Point(figures.as_of, total)


@dataclass(frozen=True, slots=True)
class Term:
    """Newly counted people of a month or year, and how many there were at its end."""

    label: str
    new: str
    total: str


def _terms(news: Iterable[tuple[str, int]]) -> list[Term]:
    terms, total = [], 0
    for label, new in news:
        total += new
        terms.append(Term(label, formats.number(new), formats.number(total)))
    return terms


def _by_year(months: Iterable[Group]) -> Iterable[tuple[str, int]]:
    new_by_year: dict[str, int] = {}
    for month in months:
        year = month.key[:4]
        new_by_year[year] = new_by_year.get(year, 0) + month.persons
    return new_by_year.items()


def _sectors(figures: Figures) -> list[dict[str, Any]]:
    return [
        {
            "label": Sector(key).label,
            "persons": formats.number(persons),
            "done": persons,
            "total": max(1, figures.persons),
        }
        for key, persons in figures.sectors
    ]
