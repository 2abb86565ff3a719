import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from common import clock
from counting.groups import groups
from counting.models import CountingRule
from counting.replay import Count, GroupBy

Row = tuple[str, str, str, int | None, int | None]


def as_rows(count: Count, by: Iterable[GroupBy], *, as_it_is_today: bool = False) -> Iterator[Row]:
    """The figure for a table: kind of row, key, label, people, completions.

    First the total with its day, the instant up to which records are believed, and the rule.
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
    """A date where the instant is the end of a day, else the instant, in Asia/Ho_Chi_Minh."""
    here = instant.astimezone(clock.HANOI)
    if here == clock.end_of_day(here.date()):
        return here.date().isoformat()
    return here.isoformat()
