"""Percentages in words: their figure, their base, their targets."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from common import formats
from targets.progress.percentages import Measure, PercentMilestone
from targets.progress.reporting import Base


def measure_texts(measure: Measure, milestones: Iterable[PercentMilestone]) -> dict[str, Any]:
    row, number = measure.indicator, len(measure.values)
    return {
        "slug": row.slug,
        "title": row.title,
        "is_counted": False,
        "figure": percent(measure.percent),
        "of_all": percent(measure.percent_of_all),
        "note": ngettext(
            "%(numerator)s of %(denominator)s, reported by %(agencies)s agency",
            "%(numerator)s of %(denominator)s, reported by %(agencies)s agencies",
            number,
        )
        % {
            "numerator": formats.number(measure.numerator),
            "denominator": formats.number(measure.denominator),
            "agencies": formats.number(number),
        },
        "base": measure.base and base_texts(measure.base, measure.further),
        "targets": [percent_goal(goal, measure.as_of) for goal in milestones],
    }


def base_texts(base: Base, further: int = 0) -> dict[str, str]:
    """Figures of the base; empty for what there is none of."""
    return {
        "expected": formats.number(len(base.agency_ids)),
        "reported": formats.number(len(base.reported)),
        "waiting": _unless_none(len(base.waiting_ids)),
        "silent": _unless_none(len(base.silent_ids)),
        "further": _unless_none(further),
        "period": base.period.label,
        "since": formats.day(base.period.first),
        "due": formats.day(base.due_on),
        "legal_basis": base.duty.legal_basis,
        "reason": base.duty.reason,
    }


def _unless_none(number: int) -> str:
    return formats.number(number) if number else ""


def percent_goal(one: PercentMilestone, as_of: dt.date) -> dict[str, Any]:
    shown = goal(f"≥ {one.minimum} %", one.due_on, one.met, as_of, one.legal_basis)
    if one.met_by_reported and not one.met:
        shown |= {"state": _("reached in part"), "tone": "wait"}
    return shown


def goal(least: str, due_on: dt.date, met: bool, as_of: dt.date, basis: str) -> dict[str, Any]:
    state, tone = (_("reached"), "good") if met else (_("not reached"), "bad")
    if not met and due_on >= as_of:
        state, tone = _("in progress"), ""
    day = formats.day(due_on)
    return {
        "least": least,
        "due": day,
        "state": state,
        "tone": tone,
        "legal_basis": basis,
    }


def percent(value: float | None) -> str:
    """``42,5 %``, or a dash where nothing was reported."""
    if value is None:
        return "–"
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text if get_language() == 'en' else text.replace('.', ',')} %"
