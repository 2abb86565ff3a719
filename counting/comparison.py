"""What a draft of the counting rule would change, before anybody adopts it."""

from collections import Counter
from dataclasses import dataclass

from agencies.choices import Sector
from counting.counter import counted
from counting.replay import TRAINED_OFFICIALS, Count, Terms, qualifying, read
from enrollment.models import Completion
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


def compared(draft: Terms, *, indicator: str = TRAINED_OFFICIALS) -> Comparison:
    """Count today by the rule in force and by a draft.

    The draft is replayed: every completion is read, some seconds for a million.
    """
    now = counted(indicator=indicator)
    survivors = Merge.objects.believed(now.known_as_of).survivor_by_absorbed()
    believed = Completion.objects.believed(now.known_as_of).filter(completed_on__lte=now.as_of)
    sector_by_person: dict[int, str] = {}
    for completion in read(qualifying(believed, draft).earliest_first(), survivors):
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
