"""The number, for everybody to see: totals only, never a person."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.choices import Sector
from common import charts, formats
from common.access import ANYBODY, open_to
from targets.progress import Count, GroupBy, Milestone, counted, milestones


@open_to(ANYBODY)
def public_progress(request: HttpRequest) -> HttpResponse:
    """How many people have been trained, as of today, against what was promised."""
    count = counted()
    goals, new_by_month = milestones(count), _new_by_month(count)
    context = {
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "completions": _completions(count),
        "rule": count.rule,
        "goals": [_goal(goal, count) for goal in goals],
        "charts": _charts(count, goals, list(_points(count, new_by_month))),
        "years": _terms(new_by_month, "%Y"),
        "months": _terms(new_by_month, "%m/%Y"),
        "sectors": _sectors(count),
    }
    return render(request, "targets/public_progress.html", context)


def _completions(count: Count) -> str:
    text = ngettext(
        "%(completions)s qualifying completion: a person who completes several courses counts once",
        "%(completions)s qualifying completions: a person who completes several courses counts"
        " once",
        count.completions,
    )
    return text % {"completions": formats.number(count.completions)}


def _goal(goal: Milestone, count: Count) -> dict[str, Any]:
    """A target as the page shows it: what, how far, and since when."""
    minimum = formats.number(goal.minimum)
    if goal.met_on and goal.met:
        state, tone = _("reached on %(day)s") % {"day": formats.day(goal.met_on)}, "good"
    elif goal.met_on:
        state, tone = _("reached late, on %(day)s") % {"day": formats.day(goal.met_on)}, "wait"
    elif goal.due_on < count.as_of:
        state, tone = _("not reached"), "bad"
    else:
        missing = {"missing": formats.number(goal.minimum - goal.persons)}
        state, tone = _("%(missing)s more to go") % missing, ""
    return {
        "label": _("At least %(minimum)s by %(day)s")
        % {"minimum": minimum, "day": formats.day(goal.due_on)},
        "text": f"{formats.number(goal.persons)} / {minimum}",
        "done": min(goal.persons, goal.minimum),
        "total": goal.minimum,
        "state": state,
        "tone": tone,
        "legal_basis": goal.legal_basis,
    }


def _charts(
    count: Count, goals: list[Milestone], points: list[charts.Point]
) -> list[tuple[str, SafeString]]:
    """The same chart for wide and for narrow screens; the stylesheet shows one of them."""
    if not points and not goals:
        return []
    marks = [
        charts.Mark(goal.due_on, goal.minimum, formats.number(goal.minimum), goal.met)
        for goal in goals
    ]
    description = _(
        "The line climbs with every person counted for the first time and stands at %(persons)s"
        " on %(day)s. The diamonds are the targets: %(targets)s."
    ) % {
        "persons": formats.number(count.persons),
        "day": formats.day(count.as_of),
        "targets": "; ".join(str(_goal(goal, count)["label"]) for goal in goals),
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


def _points(count: Count, new_by_month: list[tuple[dt.date, int]]) -> Iterator[charts.Point]:
    """The number at the end of every month in which it moved, and at the as-of day."""
    total = 0
    for month, new in new_by_month:
        total += new
        following = (month + dt.timedelta(days=31)).replace(day=1)
        last_day = following - dt.timedelta(days=1)
        if last_day < count.as_of:
            yield charts.Point(last_day, total)
    if total:
        yield charts.Point(count.as_of, total)


def _new_by_month(count: Count) -> list[tuple[dt.date, int]]:
    """Months, by their first day, in which people were counted for the first time, and how many."""
    parts = count.parts(GroupBy.MONTH)
    return [
        (dt.date.fromisoformat(f"{month}-01"), parts[month].persons)
        for month in sorted(parts)
        if parts[month].persons
    ]


@dataclass(frozen=True, slots=True)
class Term:
    """Newly counted people of a month or year, and how many there were at its end."""

    label: str
    new: str
    total: str


def _terms(new_by_month: list[tuple[dt.date, int]], form: str) -> list[Term]:
    """``form``: of the label; months that have the same one stand together."""
    new_by_label: Counter[str] = Counter()
    for month, new in new_by_month:
        new_by_label[f"{month:{form}}"] += new
    terms, total = [], 0
    for label, new in new_by_label.items():
        total += new
        terms.append(Term(label, formats.number(new), formats.number(total)))
    return terms


def _sectors(count: Count) -> list[dict[str, Any]]:
    return [
        {
            "label": Sector(key).label,
            "persons": formats.number(persons),
            "done": persons,
            "total": max(1, count.persons),
        }
        for key, persons in count.by_sector.items()
    ]
