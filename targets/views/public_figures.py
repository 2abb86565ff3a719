"""The figures of the public page, rendered once for as long as nothing in them changes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from agencies.choices import Sector
from agencies.models import Agency
from common import charts, formats
from counting.cached_count import CachedCount
from counting.groups import Group, Name, groups
from counting.replay import Count, GroupBy
from targets.progress import Milestone, milestones
from targets.progress.milestones import TargetTerms, target_terms
from targets.views.growth import points_of_months

CACHE_SIZE = 32  # days and languages


def figures_html(count: Count) -> str:
    """Targets, growth, sectors, agencies and rule as HTML, in the active language."""
    question = _Question(
        version=count.version if isinstance(count, CachedCount) else None,
        as_of=count.as_of,
        language=get_language(),
        targets=target_terms(count.indicator, count.known_as_of),
        names=tuple(Agency.objects.id_slug_names()),
        count=count,
    )
    return _render(question) if question.version is None else _cached_html(question)


def clear_cache() -> None:
    _cached_html.cache_clear()


@dataclass(frozen=True)
class _Question:
    """All that the HTML depends on. A version of the cached totals implies the rule."""

    version: int | None
    as_of: dt.date
    language: str | None
    targets: tuple[TargetTerms, ...]
    names: tuple[Name, ...]
    count: Count = field(compare=False)  # implied by version and day


@lru_cache(maxsize=CACHE_SIZE)
def _cached_html(question: _Question) -> str:
    return _render(question)


@dataclass(frozen=True, slots=True)
class _Figures:
    as_of: dt.date
    persons: int
    goals: list[Milestone]
    months: list[Group]


def _render(question: _Question) -> str:
    count = question.count
    figures = _Figures(
        as_of=count.as_of,
        persons=count.persons,
        goals=milestones(count, question.targets),
        months=groups(count, GroupBy.MONTH),
    )
    context = {
        "goals": [
            _goal(goal, count.as_of, has_figures=count.completions > 0) for goal in figures.goals
        ],
        "charts": _charts(figures) if count.completions else [],
        "years": _terms(_by_year(figures.months)),
        "months": _terms((group.label, group.persons) for group in figures.months),
        "sectors": _sectors(count) if count.completions else [],
        "agencies": list(_agencies(groups(count, GroupBy.AGENCY, names=question.names))),
        "rule": count.rule,
        "completions": completions_text(count.completions),
    }
    return render_to_string("targets/public_figures.html", context)


def completions_text(number: int) -> str:
    text = ngettext(
        "%(completions)s qualifying completion: a person who completes several courses "
        "is counted once",
        "%(completions)s qualifying completions: a person who completes several courses "
        "is counted once",
        number,
    )
    return text % {"completions": formats.number(number)}


def _goal(goal: Milestone, as_of: dt.date, *, has_figures: bool) -> dict[str, Any]:
    minimum = formats.number(goal.minimum)
    if goal.met_on and goal.met:
        state, tone = _("reached on %(day)s") % {"day": formats.day(goal.met_on)}, "good"
    elif goal.met_on:
        state, tone = _("reached late, on %(day)s") % {"day": formats.day(goal.met_on)}, "wait"
    elif goal.due_on < as_of:
        # Without any figure nobody can say that a target was missed.
        state, tone = (_("not reached"), "bad") if has_figures else (_("no figures yet"), "")
    else:
        missing = {"missing": formats.number(goal.minimum - goal.persons)}
        state, tone = _("%(missing)s more needed") % missing, ""
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


def _charts(figures: _Figures) -> list[tuple[str, SafeString]]:
    months = {month.key: month.persons for month in figures.months}
    points = points_of_months(months, figures.as_of)
    if not points and not figures.goals:
        return []
    marks = [
        charts.Mark(goal.due_on, goal.minimum, formats.number(goal.minimum), goal.met)
        for goal in figures.goals
    ]
    description = _(
        "The line rises with every person counted for the first time and reaches "
        "%(persons)s on %(day)s. The diamonds are the targets: %(targets)s."
    ) % {
        "persons": formats.number(figures.persons),
        "day": formats.day(figures.as_of),
        "targets": "; ".join(_goal_label(goal) for goal in figures.goals),
    }
    title = _("People trained since the start of the programme, compared with the targets")
    return charts.in_both_sizes(points, marks, title=title, description=description, name="growth")


def _terms(news: Iterable[tuple[str, int]]) -> list[tuple[str, str, str]]:
    """Label, newly counted people, and running total, of each month or year."""
    found = list(news)
    new = [number for _label, number in found]
    labels = (label for label, _number in found)
    return list(zip(labels, formats.numbers(new), formats.numbers(accumulate(new)), strict=True))


def _by_year(months: Iterable[Group]) -> Iterable[tuple[str, int]]:
    new_by_year: dict[str, int] = {}
    for month in months:
        year = month.key[:4]
        new_by_year[year] = new_by_year.get(year, 0) + month.persons
    return new_by_year.items()


def _agencies(found: list[Group]) -> Iterable[tuple[str, str, str]]:
    persons = formats.numbers(group.persons for group in found)
    completions = formats.numbers(group.completions for group in found)
    return zip((group.label for group in found), persons, completions, strict=True)


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
