"""The opening balance of a signed report as plain data: its bridge, and every change by name."""

from dataclasses import asdict
from typing import Any

from common.ids import IdTable
from targets.models import PeriodReport
from targets.progress.adjustments import Adjustment, Adjustments, CompletionChange, Credit, labels
from targets.progress.opening import Opening

Data = dict[str, Any]


def opening_content(opening: Opening, number_by_person: IdTable) -> Data:
    """``opening`` holds figures alone; the two lists after it hold names."""
    changed = opening.changed
    return {
        "opening": {
            "previous": _report(opening.previous) if opening.previous else None,
            "replaces": [_replaced(report) for report in opening.replaced],
            "persons": asdict(opening.persons),
            "completions": asdict(opening.completions),
            "newly_recorded": opening.newly_recorded,
            "recorded_after": opening.recorded_after,
            "kinds": _kinds(changed) if changed else [],
        },
        "adjustments": [
            _adjustment(one, number_by_person) for one in (changed.people if changed else ())
        ],
        "completion_changes": [
            _change(one, number_by_person) for one in (changed.changes if changed else ())
        ],
    }


def _report(report: PeriodReport) -> Data:
    return {
        "code": report.code,
        "number": report.number,
        "starts_on": report.starts_on.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "rule": report.rule.version,
        "persons": report.persons,
        "completions": report.completions,
        "names_sha256": report.names_sha256,
        "pack_sha256": report.pack_sha256,
    }


def _replaced(report: PeriodReport) -> Data:
    words = ("code", "number", "persons", "completions", "names_sha256", "pack_sha256")
    return {word: getattr(report, word) for word in words} | {"reason": report.reopen_reason}


def _kinds(changed: Adjustments) -> list[Data]:
    words = labels()
    return [
        {
            "kind": kind,
            "label": words[kind],
            "people": people,
            "persons": persons,
            "completions": completions,
        }
        for kind, people, persons, completions in changed.by_kind()
    ]


def _adjustment(one: Adjustment, number_by_person: IdTable) -> Data:
    return {
        "kind": one.kind,
        "persons": one.persons,
        **_who(one, number_by_person),
        "detail": one.detail,
        **_credit("before", one.before),
        **_credit("after", one.after),
    }


def _change(one: CompletionChange, number_by_person: IdTable) -> Data:
    return {
        "kind": one.kind,
        "completions": one.completions,
        **_who(one, number_by_person),
        "detail": one.detail,
        **_credit("credit", one.credit),
    }


def _who(one: Adjustment | CompletionChange, number_by_person: IdTable) -> Data:
    """``number`` is that in this list, ``previous`` that in the last signed one."""
    return {
        "number": (one.person and number_by_person[one.person]) or "",
        "previous": one.number or "",
        "code": one.code,
        "full_name": one.full_name,
    }


def _credit(prefix: str, credit: Credit | None) -> Data:
    if credit is None:
        return dict.fromkeys(credit_columns(prefix), "")
    return {f"{prefix}_{word}": value for word, value in asdict(credit).items()}


def credit_columns(prefix: str) -> tuple[str, ...]:
    words = ("since", "agency", "agency_name", "kind", "sector", "run")
    return tuple(f"{prefix}_{word}" for word in words)
