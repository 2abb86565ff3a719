from dataclasses import asdict
from typing import Any

from counting.groups import groups
from counting.output import instant_as_text, rule_as_json
from counting.replay import Count, GroupBy
from targets.progress.milestones import Milestone, milestones


def as_json(
    count: Count, *, by: GroupBy | None = None, as_it_is_today: bool = False
) -> dict[str, Any]:
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


def _target_as_json(milestone: Milestone) -> dict[str, Any]:
    return {
        "due_on": milestone.due_on.isoformat(),
        "minimum": milestone.minimum,
        "persons": milestone.persons,
        "met": milestone.met,
        "met_on": milestone.met_on and milestone.met_on.isoformat(),
    }
