import datetime as dt
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agencies.choices import AgencyKind, Sector
from agencies.models import Agency, SuccessionLink
from common.vietnamese import search_key
from lms.demo.names import NameMaker
from people.models import Trainee
from people.services.bulk import PersonData

MINISTRIES_MERGED_ON = dt.date(2025, 3, 1)
# The ministry in charge of the programme sends people more often than others.
HOSTS = ("min-btttt", "min-bkhcn")

_MINISTERIAL = (AgencyKind.MINISTRY, AgencyKind.MINISTERIAL_AGENCY)
# A leader's position and unit go together: ``leaders`` has positions by the first word of a unit.
_POSTS = json.loads(Path(__file__).with_name("data").joinpath("posts.json").read_text("utf-8"))


class Directory:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._agencies = {agency.pk: agency for agency in Agency.objects.order_by("slug")}
        links = SuccessionLink.objects.filter(succession__voided_at=None)
        self._links = [
            (link.succession.on, link.predecessor_id, link.successor_id)
            for link in links.select_related("succession").order_by("succession__on", "id")
        ]

    def valid_on(self, day: dt.date, kinds: Sequence[str]) -> list[Agency]:
        return [
            agency
            for agency in self._agencies.values()
            if agency.kind in kinds
            and (agency.valid_from is None or agency.valid_from <= day)
            and (agency.valid_to is None or agency.valid_to >= day)
        ]

    def carried(self, agency_id: int, day: dt.date) -> Agency:
        """What an agency has become by a day."""
        for on, predecessor, successor in self._links:
            if predecessor == agency_id and on <= day:
                agency_id = successor
        return self._agencies[agency_id]

    def choose(self, count: int, day: dt.date, kinds: Sequence[str]) -> list[Agency]:
        valid = self.valid_on(day, kinds)
        hosts = [agency for agency in valid if agency.slug in HOSTS]
        chosen = hosts[-1:] if self._rng.random() < 2 / 3 else []
        others = [agency for agency in valid if agency not in hosts]
        return chosen + self._rng.sample(others, min(len(others), count - len(chosen)))

    def birthplace_codes(self) -> list[str]:
        """The first three digits of personal numbers: the provinces before July 2025."""
        births = self.valid_on(dt.date(2024, 5, 1), [AgencyKind.PROVINCE])
        return sorted({f"0{agency.gso_code}" for agency in births if agency.gso_code})


@dataclass
class Cast:
    """The people of the programme, in the order in which they were entered."""

    rng: random.Random
    directory: Directory
    names: NameMaker

    def __post_init__(self) -> None:
        # Completed a course that counts, and those who have not (yet).
        self.trained: list[Trainee] = []
        self.untrained: list[Trainee] = []

    def somebody(self, agency: Agency, day: dt.date, *, leader: bool) -> PersonData:
        birthplace_code = f"0{agency.gso_code}" if agency.gso_code else ""
        unit = self.rng.choice(_units(agency, day))
        return self.names.person(
            position=self.rng.choice(_positions(agency, unit, leader=leader)),
            unit=unit,
            mail_domain=_mail_domain(agency),
            birthplace_code=birthplace_code,
            leader=leader,
        )

    def again(self, among: list[Trainee], count: int) -> list[Trainee]:
        """Up to ``count`` known people, in the order in which they were entered."""
        chosen = self.rng.sample(range(len(among)), min(count, len(among)))
        return [among[position] for position in sorted(chosen)]


def _units(agency: Agency, day: dt.date) -> list[str]:
    units: dict[str, list[str]] = _POSTS["units"]
    if agency.sector == Sector.STATE_CORPORATION:
        return units["corporate"]
    if agency.kind != AgencyKind.PROVINCE:
        return units["ministerial" if agency.kind in _MINISTERIAL else "central"]
    merged = day >= MINISTRIES_MERGED_ON
    digital = "Sở Khoa học và Công nghệ" if merged else "Sở Thông tin và Truyền thông"
    return [*units["local"], digital, digital, digital]


def _positions(agency: Agency, unit: str, *, leader: bool) -> list[str]:
    positions: dict[str, list[str]] = _POSTS["leaders" if leader else "positions"]
    if leader:
        return positions[unit.partition(" ")[0]]
    return positions["corporate" if agency.sector == Sector.STATE_CORPORATION else "public"]


def _mail_domain(agency: Agency) -> str:
    # A domain that can never exist (RFC 2606), so that demo mail reaches nobody.
    letters = "".join(c for c in search_key(agency.short_name or agency.slug) if c.isalnum())
    return f"{letters}.example"
