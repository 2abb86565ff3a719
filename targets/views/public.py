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
from targets.progress import Count, Milestone, counted, milestones


@open_to(ANYBODY)
def public_progress(request: HttpRequest) -> HttpResponse:
    """How many people have been trained, as of today, against what was promised."""
    count = counted()
    goals = milestones(count)
    context = {
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "completions": _completions(count),
        "rule": count.rule,
        "goals": [_goal(goal, count) for goal in goals],
        "charts": _charts(count, goals),
        "years": _years(count),
        "months": _months(count),
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


def _charts(count: Count, goals: list[Milestone]) -> list[tuple[str, SafeString]]:
    """The same chart for wide and for narrow screens; the stylesheet shows one of them."""
    points = list(_points(count))
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


def _points(count: Count) -> Iterator[charts.Point]:
    """The number at the end of every day on which it moved, and at the as-of day."""
    new_by_day = Counter(person.first.completed_on for person in count.people)
    total = 0
    for day in sorted(new_by_day):
        total += new_by_day[day]
        yield charts.Point(day, total)
    if new_by_day and max(new_by_day) < count.as_of:
        yield charts.Point(count.as_of, total)


@dataclass(frozen=True, slots=True)
class Term:
    """Newly counted people of a month or year, and how many there were at its end."""

    label: str
    new: str
    total: str


def _terms(days: list[dt.date], form: str) -> list[Term]:
    """``days``: the day since which each person counts, in order; ``form``: of the label."""
    terms, total = [], 0
    for label, new in Counter(f"{day:{form}}" for day in days).items():
        total += new
        terms.append(Term(label, formats.number(new), formats.number(total)))
    return terms


def _years(count: Count) -> list[Term]:
    return _terms([person.first.completed_on for person in count.people], "%Y")


def _months(count: Count) -> list[Term]:
    return _terms([person.first.completed_on for person in count.people], "%m/%Y")


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
