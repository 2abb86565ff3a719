"""Made-up people with Vietnamese names, birth dates and personal numbers that agree."""

import datetime as dt
import json
import random
from collections.abc import Sequence
from pathlib import Path

from common.vietnamese import search_key
from people.choices import Sex
from people.services.bulk import PersonData

# ``families`` says how often a family name stands for one: Nguyễn is every third Vietnamese.
# ``minorities`` are Tày, Thái, Mông, Ê-đê, Khmer, Chăm and others: one in fifteen, with their own
# ways of naming.
_NAMES = json.loads(Path(__file__).with_name("data").joinpath("names.json").read_text("utf-8"))
_MOBILE_PREFIXES = ("032", "035", "038", "070", "077", "083", "086", "091", "096", "098")


class NameMaker:
    """Draws from a seeded generator; no two people have the same personal number."""

    def __init__(self, rng: random.Random, birthplace_codes: Sequence[str]) -> None:
        self._rng = rng
        self._birthplace_codes = birthplace_codes
        self._numbers: set[str] = set()

    def person(
        self,
        *,
        position: str,
        unit: str,
        mail_domain: str,
        birthplace_code: str = "",
        leader: bool = False,
    ) -> PersonData:
        # One in twelve has neither number nor exact birth date.
        rng = self._rng
        sex = rng.choice((Sex.MALE, Sex.FEMALE))
        name = self._name(sex)
        born = self._birth_date(leader=leader)
        known_by_year_alone = rng.random() < 1 / 12
        return PersonData(
            full_name=name,
            birth_date=None if known_by_year_alone else born,
            birth_year=born.year,
            sex=sex,
            personal_number=None
            if known_by_year_alone
            else self._number(sex, born, birthplace_code),
            phone=rng.choice(_MOBILE_PREFIXES) + f"{rng.randrange(10**7):07d}",
            email=self._email(name, mail_domain),
            position=position,
            unit=unit,
        )

    def _name(self, sex: Sex) -> str:
        rng = self._rng
        if rng.random() < 1 / 15:
            name: str = rng.choice(_NAMES["minorities"][sex])
            return name
        families = _NAMES["families"]
        (family,) = rng.choices(tuple(families), weights=tuple(families.values()))
        middle, given = rng.choice(_NAMES["middle"][sex]), rng.choice(_NAMES["given"][sex])
        if given == middle.rsplit(" ", maxsplit=1)[-1]:
            middle = "Văn" if sex == Sex.MALE else "Thị"
        return f"{family} {middle} {given}"

    def _birth_date(self, *, leader: bool) -> dt.date:
        oldest, youngest = (1966, 1984) if leader else (1970, 2000)
        year = round(self._rng.triangular(oldest, youngest))
        return dt.date(year, 1, 1) + dt.timedelta(days=self._rng.randrange(365))

    def _number(self, sex: Sex, born: dt.date, birthplace_code: str) -> str:
        century = 2 * (born.year // 100 - 19) + (sex == Sex.FEMALE)
        while True:
            # Most work where they were born.
            home = birthplace_code and self._rng.random() < 0.8
            birthplace = birthplace_code if home else self._rng.choice(self._birthplace_codes)
            number = f"{birthplace}{century}{born.year % 100:02d}{self._rng.randrange(10**6):06d}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _email(self, name: str, domain: str) -> str:
        *others, given = search_key(name).replace("'", "").split()
        initials = "".join(word[0] for word in others)
        return f"{given}{initials}{self._rng.randrange(1, 100)}@{domain}"
