from typing import Any

from counting.output import instant_as_text
from targets.progress.percentages import Measure, PercentMilestone, percent_milestones
from targets.progress.reporting import Base, silent_agencies


def measure_as_json(measure: Measure) -> dict[str, Any]:
    return {
        "indicator": measure.indicator.slug,
        "as_of": measure.as_of.isoformat(),
        "known_as_of": instant_as_text(measure.known_as_of),
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "percent": measure.percent,
        "percent_of_all": measure.percent_of_all,
        "agencies": len(measure.values),
        "base": measure.base and _base(measure.base, measure.further),
        "targets": [_target(goal) for goal in percent_milestones(measure)],
    }


def _base(base: Base, further: int) -> dict[str, Any]:
    return {
        "expected": len(base.agency_ids),
        "reported": len(base.reported),
        "waiting": len(base.waiting_ids),
        "silent": len(base.silent_ids),
        "further": further,
        "period": base.period.label,
        "starts_on": base.period.first.isoformat(),
        "ends_on": base.period.last.isoformat(),
        "due_on": base.due_on.isoformat(),
        "legal_basis": base.duty.legal_basis,
    }


def _target(goal: PercentMilestone) -> dict[str, Any]:
    return {
        "due_on": goal.due_on.isoformat(),
        "minimum": goal.minimum,
        "legal_basis": goal.legal_basis,
        "percent": goal.percent,
        "percent_of_all": goal.percent_of_all,
        "met": goal.met,
        "met_by_reported": goal.met_by_reported,
    }


def silent_as_json(measure: Measure) -> dict[str, Any]:
    base = measure.base
    return {
        "indicator": measure.indicator.slug,
        "as_of": measure.as_of.isoformat(),
        "known_as_of": instant_as_text(measure.known_as_of),
        "base": base and _base(base, measure.further),
        "agencies": [
            {
                "agency": one.agency.slug,
                "kind": one.agency.kind,
                "state": one.state,
                "last_measured_on": one.last and one.last.measured_on.isoformat(),
                "reminded_at": one.reminded_at and one.reminded_at.isoformat(),
            }
            for one in (silent_agencies(base) if base else ())
        ],
    }
