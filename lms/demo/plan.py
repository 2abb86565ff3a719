"""Which classes were held when, and how many people each trained for the first time."""

import csv
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agencies.choices import AgencyKind

CENTRAL = (
    AgencyKind.MINISTRY,
    AgencyKind.MINISTERIAL_AGENCY,
    AgencyKind.GOVERNMENT_AGENCY,
    AgencyKind.PARTY_OR_ASSEMBLY,
)
LOCAL = (AgencyKind.PROVINCE,)
CORPORATE = (AgencyKind.STATE_GROUP, AgencyKind.STATE_CORPORATION)
MIXED = (*CENTRAL, *LOCAL, *CORPORATE)

# With more people than this a class is held several times in parallel.
PEOPLE_PER_PROGRAMME = 1000


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """``newcomers`` complete it and were not counted before."""

    course: str
    starts_on: dt.date
    senders: tuple[str, ...]
    weight: int
    venue: str
    evidence: str
    recorded_on: dt.date | None = None
    newcomers: int = 0
    number: int = 0

    @property
    def code(self) -> str:
        return f"{self.course}-{self.starts_on.year}-{self.number:02d}"


_SENDERS = {"central": CENTRAL, "local": LOCAL, "corporate": CORPORATE, "mixed": MIXED}
_CLASSES = Path(__file__).with_name("data") / "classes.csv"
NOT_COUNTED = {"DT-001"}


def past_runs(people: int, today: dt.date) -> list[PlannedRun]:
    """The classes that are over by ``today``; their newcomers add up to ``people``.

    Classes of courses that do not count have further newcomers.
    """
    copies = math.ceil(people / PEOPLE_PER_PROGRAMME)
    over = [run for run in _runs(copies) if run.starts_on < today - dt.timedelta(days=21)]
    counting = [run for run in over if run.course not in NOT_COUNTED]
    shares = iter(apportion(people, [run.weight for run in counting]))
    return [
        replace(run, newcomers=run.weight if run.course in NOT_COUNTED else next(shares))
        for run in over
    ]


def _runs(copies: int) -> Iterator[PlannedRun]:
    numbers: dict[tuple[str, int], int] = {}
    for row in csv.DictReader(_CLASSES.read_text("utf-8").splitlines()):
        starts_on = dt.date.fromisoformat(row["starts_on"])
        # Some reached the programme office only after the year had ended.
        late = row["recorded_on"]
        for _copy in range(copies):
            key = (row["course"], starts_on.year)
            numbers[key] = numbers.get(key, 0) + 1
            yield PlannedRun(
                course=row["course"],
                starts_on=starts_on,
                senders=_SENDERS[row["senders"]],
                weight=int(row["weight"]),
                venue=row["venue"],
                evidence=row["evidence"],
                recorded_on=dt.date.fromisoformat(late) if late else None,
                number=numbers[key],
            )


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` by weights into whole numbers that add up to it (largest remainders)."""
    whole = sum(weights)
    if not whole:
        return []
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda n: (total * weights[n]) % whole, reverse=True
    )
    for n in by_remainder[: total - sum(shares)]:
        shares[n] += 1
    return shares
