"""Which classes were held when, and how many people each trained for the first time."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agencies.choices import AgencyKind
from enrollment.choices import Evidence

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


_HA_NOI, _HCM, _DA_NANG, _CAN_THO = "Hà Nội", "TP. Hồ Chí Minh", "Đà Nẵng", "Cần Thơ"
_ONLINE = "Trực tuyến"
_SHEET, _QR = Evidence.SIGNED_SHEET, Evidence.QR_CHECK_IN
_MARK, _LOG = Evidence.TRAINERS_MARK, Evidence.CONFERENCE_LOG
_LATE, _PAPER = dt.date(2025, 2, 18), dt.date(2025, 3, 12)

_Line = tuple[str, str, tuple[str, ...], int, str, str]

# Course, first day, who sends, weight, venue, evidence.
_LINES: tuple[_Line, ...] = (
    ("AI-101", "2024-05-20", CENTRAL, 18, _HA_NOI, _SHEET),
    ("AI-102", "2024-06-04", CENTRAL, 16, _HA_NOI, _SHEET),
    ("AI-104", "2024-06-18", MIXED, 17, _ONLINE, _LOG),
    ("DT-001", "2024-07-09", LOCAL, 12, _ONLINE, _LOG),
    ("AI-103", "2024-08-13", LOCAL, 15, _DA_NANG, _SHEET),
    ("AI-105", "2024-09-24", CENTRAL, 16, _HA_NOI, _QR),
    ("AI-106", "2024-10-22", CORPORATE, 16, _HA_NOI, _SHEET),
    ("AI-108", "2024-11-19", LOCAL, 13, _CAN_THO, _SHEET),
    ("AI-107", "2024-12-03", MIXED, 12, _HA_NOI, _MARK),
    ("AI-108", "2024-12-17", CORPORATE, 8, _HCM, Evidence.PAPER),
    ("AI-101", "2025-01-14", LOCAL, 13, _HA_NOI, _SHEET),
    ("AI-102", "2025-03-11", CENTRAL, 14, _HA_NOI, _QR),
    ("AI-104", "2025-03-25", MIXED, 14, _ONLINE, _LOG),
    ("AI-106", "2025-04-08", LOCAL, 14, _HCM, _SHEET),
    ("AI-103", "2025-04-22", CORPORATE, 13, _HA_NOI, _MARK),
    ("AI-201", "2025-05-12", CENTRAL, 12, _HA_NOI, _SHEET),
    ("AI-105", "2025-05-27", LOCAL, 13, _DA_NANG, _SHEET),
    ("AI-108", "2025-06-10", MIXED, 14, _HA_NOI, _QR),
    ("DT-001", "2025-06-24", CENTRAL, 12, _ONLINE, _LOG),
    ("AI-107", "2025-07-15", CENTRAL, 13, _HA_NOI, _MARK),
    ("AI-102", "2025-08-12", LOCAL, 15, _CAN_THO, _SHEET),
    ("AI-104", "2025-08-26", MIXED, 14, _ONLINE, _LOG),
    ("AI-106", "2025-09-16", CENTRAL, 14, _HA_NOI, _SHEET),
    ("AI-101", "2025-09-30", LOCAL, 15, _DA_NANG, _QR),
    ("AI-202", "2025-10-13", MIXED, 12, _HA_NOI, _SHEET),
    ("AI-105", "2025-10-28", CENTRAL, 16, _HA_NOI, _SHEET),
    ("AI-107", "2025-11-18", CORPORATE, 14, _HCM, _MARK),
    ("AI-103", "2025-12-09", LOCAL, 13, _HA_NOI, _SHEET),
    ("AI-101", "2026-01-13", CENTRAL, 14, _HA_NOI, _SHEET),
    ("AI-104", "2026-01-27", MIXED, 15, _ONLINE, _LOG),
    ("AI-102", "2026-03-10", CENTRAL, 16, _HA_NOI, _QR),
    ("AI-106", "2026-03-24", LOCAL, 15, _HCM, _SHEET),
    ("AI-108", "2026-04-07", MIXED, 16, _CAN_THO, _QR),
    ("AI-105", "2026-04-21", LOCAL, 14, _HA_NOI, _SHEET),
    ("AI-201", "2026-05-11", CORPORATE, 12, _HA_NOI, _SHEET),
    ("AI-107", "2026-05-26", CENTRAL, 14, _HA_NOI, _MARK),
    ("AI-103", "2026-06-16", MIXED, 14, _DA_NANG, _MARK),
    ("AI-101", "2026-07-07", LOCAL, 15, _HA_NOI, _SHEET),
    ("AI-104", "2026-07-21", MIXED, 15, _ONLINE, _LOG),
    ("AI-102", "2026-08-11", LOCAL, 15, _CAN_THO, _QR),
    ("AI-106", "2026-09-08", CENTRAL, 17, _HA_NOI, _SHEET),
    ("AI-202", "2026-09-21", MIXED, 12, _HA_NOI, _SHEET),
    ("AI-108", "2026-10-06", CORPORATE, 15, _HCM, _QR),
    ("AI-105", "2026-10-20", LOCAL, 14, _HA_NOI, _SHEET),
)
# What reached the programme office only after the year had ended.
_RECORDED_ON = {"2024-11-19": _LATE, "2024-12-17": _PAPER}
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
    for course, day, senders, weight, venue, evidence in _LINES:
        starts_on = dt.date.fromisoformat(day)
        for _copy in range(copies):
            key = (course, starts_on.year)
            numbers[key] = numbers.get(key, 0) + 1
            yield PlannedRun(
                course=course,
                starts_on=starts_on,
                senders=tuple(senders),
                weight=weight,
                venue=venue,
                evidence=evidence,
                recorded_on=_RECORDED_ON.get(day),
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
