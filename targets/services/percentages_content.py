"""The indicators that agencies report, as a signed report freezes them."""

from typing import Any

from common import clock
from counting.choices import Unit
from counting.models import Indicator
from targets.models import IndicatorValue
from targets.progress.measure_output import measure_as_json
from targets.progress.opening import Opening
from targets.progress.percentages import Measure, measured
from targets.progress.value_changes import ValueChange, value_changes

Data = dict[str, Any]


def percentages_content(opening: Opening) -> list[Data]:
    """Each by the report's last day and instant, with the changes since the report before."""
    rows = Indicator.objects.filter(unit=Unit.PERCENT).order_by("slug")
    return [_percentage(row, opening) for row in rows]


def _percentage(indicator: Indicator, opening: Opening) -> Data:
    last, known = opening.count.as_of, opening.count.known_as_of
    measure = measured(indicator, last, known_as_of=known)
    signed_before, changes = None, list[ValueChange]()
    if previous := opening.previous:
        before = measured(indicator, previous.ends_on, known_as_of=previous.known_as_of)
        now = measured(indicator, previous.ends_on, known_as_of=known)
        signed_before = {"signed": _shares(before), "now": _shares(now)}
        changes = value_changes(indicator, previous.ends_on, previous.known_as_of, known)
    return {
        **measure_as_json(measure),
        "title_vi": indicator.title_vi,
        "title_en": indicator.title_en,
        "values": _values(measure),
        "states": _states(measure),
        "previous": signed_before,
        "changes": [_change(change) for change in changes],
    }


def _shares(measure: Measure) -> Data:
    names = ("numerator", "denominator", "percent", "percent_of_all")
    return {name: getattr(measure, name) for name in names}


def _states(measure: Measure) -> list[Data]:
    if measure.base is None:
        return []
    states = dict.fromkeys(measure.base.agencies, "reported")
    states |= dict.fromkeys(measure.base.waiting, "waiting")
    states |= dict.fromkeys(measure.base.silent, "silent")
    return [
        {"agency": agency.slug, "agency_name": agency.name_vi, "state": state}
        for agency, state in states.items()
    ]


def _values(measure: Measure) -> list[Data]:
    whole = IndicatorValue.objects.select_related("agency").in_bulk(
        [value.pk for value in measure.values]
    )
    return [_value(whole[value.pk]) for value in measure.values]


def _value(value: IndicatorValue) -> Data:
    return {
        "agency": value.agency.slug,
        "agency_name": value.agency.name_vi,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "measured_on": value.measured_on.isoformat(),
        "evidence_sha256": value.evidence_sha256,
    }


def _change(change: ValueChange) -> Data:
    return {
        "kind": change.kind,
        "at": change.at.astimezone(clock.HANOI).isoformat(),
        "reason": change.reason,
        **_value(change.value),
        "replaced_by": change.replaced_by and _value(change.replaced_by),
    }
