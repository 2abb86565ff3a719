"""What a draft of the counting rule would change, before anybody adopts it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agencies.choices import Sector
from common import clock
from counting.counter import counted
from counting.job_types import COMPARE_RULES
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS, Count, Terms, qualifying, read
from enrollment.models import Completion
from jobs.models import StoredResult
from jobs.stored_results import store, stored_result
from people.models import Merge


@dataclass(frozen=True, slots=True)
class Comparison:
    """The number today by the rule in force (``now``) and by a draft (``persons``, ``by_sector``).

    ``come_in`` and ``drop_out`` are people whom only the draft, or only the rule in force, counts.
    """

    now: Count
    persons: int
    by_sector: dict[str, int]
    come_in: int
    drop_out: int

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.now.rule and self.now.rule.pk,
            "as_of": self.now.as_of.isoformat(),
            "now": {"persons": self.now.persons, "by_sector": self.now.by_sector},
            "draft": {"persons": self.persons, "by_sector": self.by_sector},
            "come_in": self.come_in,
            "drop_out": self.drop_out,
        }


def stored_comparison(digest: str) -> StoredResult | None:
    """The answer for a draft, or only its job; None where it compares with a former rule."""
    row = stored_result(COMPARE_RULES.kind, digest)
    in_force = CountingRule.objects.in_force(TRAINED_OFFICIALS, clock.now())
    if row and row.content and row.content["rule"] != (in_force and in_force.pk):
        return None
    return row


def store_comparison(draft: Terms, *, advance: Callable[[], object] = lambda: None) -> None:
    """Compare a draft with the rule in force and keep the answer with its terms."""
    found = compared(draft, advance=advance)
    content = found.as_json() | {"terms": draft.as_json()}
    store(COMPARE_RULES.kind, content, key=draft.digest, at=found.now.known_as_of)


def compared(
    draft: Terms,
    *,
    indicator: str = TRAINED_OFFICIALS,
    advance: Callable[[], object] = lambda: None,
) -> Comparison:
    """Count today by the rule in force and by a draft.

    The draft is replayed: every completion is read, some seconds for a million. ``advance`` is
    called for each.
    """
    now = counted(indicator=indicator)
    survivors = Merge.objects.believed(now.known_as_of).survivor_by_absorbed()
    believed = Completion.objects.believed(now.known_as_of).filter(completed_on__lte=now.as_of)
    sector_by_person: dict[int, str] = {}
    for completion in read(qualifying(believed, draft).earliest_first(), survivors):
        advance()
        sector_by_person.setdefault(completion.person_id, completion.sector)
    before = {person.person_id for person in now.people}
    sectors = Counter(sector_by_person.values())
    return Comparison(
        now=now,
        persons=len(sector_by_person),
        by_sector={str(sector): sectors[str(sector)] for sector in Sector.values},
        come_in=len(sector_by_person.keys() - before),
        drop_out=len(before - sector_by_person.keys()),
    )
