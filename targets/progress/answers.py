"""The number as page, API and command give it to machines (DESIGN, section 5)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from common import clock
from targets.models import CountingRule
from targets.progress.grouping import groups
from targets.progress.milestones import Milestone, milestones
from targets.progress.replay import Count, GroupBy


def as_json(
    count: Count, *, by: GroupBy | None = None, as_it_is_today: bool = False
) -> dict[str, Any]:
    """The figure with its dates, rule, targets and, where asked for, groups."""
    found = groups(count, by, as_it_is_today=as_it_is_today) if by else []
    return {
        "indicator": count.indicator,
        "as_of": count.as_of.isoformat(),
        "known_as_of": instant_as_text(count.known_as_of),
        "rule": rule_as_json(count.rule),
        "persons": count.persons,
        "completions": count.completions,
        "by_sector": count.by_sector,
        "targets": [_target_as_json(milestone) for milestone in milestones(count)],
        "groups": [asdict(group) for group in found],
    }


Row = tuple[str, str, str, int | None, int | None]


def as_rows(count: Count, by: Iterable[GroupBy], *, as_it_is_today: bool = False) -> Iterator[Row]:
    """The figure for a table: what a row speaks of, its key and label, people, completions.

    First the total with its day, up to when records are believed, and the rule.
    """
    yield "total", "", count.as_of.isoformat(), count.persons, count.completions
    yield "known_as_of", "", instant_as_text(count.known_as_of), None, None
    if count.rule:
        yield "rule", str(count.rule.version), count.rule.sentence, None, None
    for part in by:
        for group in groups(count, part, as_it_is_today=as_it_is_today):
            yield str(part), group.key, group.label, group.persons, group.completions


def rule_as_json(rule: CountingRule | None) -> dict[str, Any] | None:
    """``{"version", "adopted_on", "sentence"}`` in the reader's language, or null."""
    if rule is None:
        return None
    return {
        "version": rule.version,
        "adopted_on": rule.adopted_on.isoformat(),
        "sentence": rule.sentence,
    }


def instant_as_text(instant: dt.datetime) -> str:
    """A date where the end of a day is meant, else the instant in Asia/Ho_Chi_Minh."""
    here = instant.astimezone(clock.HANOI)
    if here == clock.end_of_day(here.date()):
        return here.date().isoformat()
    return here.isoformat(timespec="seconds")


def _target_as_json(milestone: Milestone) -> dict[str, Any]:
    return {
        "due_on": milestone.due_on.isoformat(),
        "minimum": milestone.minimum,
        "persons": milestone.persons,
        "met": milestone.met,
        "met_on": milestone.met_on and milestone.met_on.isoformat(),
    }
