"""Made-up people with Vietnamese names, birth dates and personal numbers that agree."""

import datetime as dt
import random
from collections.abc import Sequence

from common.vietnamese import search_key
from people.choices import Sex
from people.services.bulk import PersonData

# How often a family name stands for one: Nguyễn is every third Vietnamese.
_FAMILIES = {
    "Nguyễn": 32, "Trần": 11, "Lê": 10, "Phạm": 7, "Hoàng": 4, "Huỳnh": 3, "Phan": 4, "Vũ": 3,
    "Võ": 3, "Đặng": 3, "Bùi": 3, "Đỗ": 3, "Hồ": 2, "Ngô": 2, "Dương": 2, "Lý": 1, "Đinh": 1,
    "Đào": 1, "Lương": 1, "Trịnh": 1, "Mai": 1, "Tô": 1, "Tạ": 1, "Châu": 1, "Quách": 1, "Cao": 1,
}  # fmt: skip
_MIDDLE = {
    Sex.MALE: ("Văn", "Văn", "Đức", "Minh", "Quang", "Hữu", "Xuân", "Thanh", "Quốc", "Tuấn",
               "Anh", "Hoàng", "Công", "Đình", "Ngọc", "Mạnh", "Trung", "Việt", "Bá", "Gia"),
    Sex.FEMALE: ("Thị", "Thị", "Thị Thanh", "Thị Kim", "Thị Thu", "Thị Ngọc", "Thị Minh", "Ngọc",
                 "Thị Hồng", "Thu", "Phương", "Thùy", "Khánh", "Thị Bích", "Mai", "Quỳnh", "Diệu"),
}  # fmt: skip
_GIVEN = {
    Sex.MALE: ("Anh", "An", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Đức", "Giang", "Hải", "Hiếu",
               "Hòa", "Hoàng", "Hùng", "Huy", "Hưng", "Khải", "Khánh", "Khoa", "Kiên", "Lâm",
               "Long", "Lộc", "Mạnh", "Minh", "Nam", "Nghĩa", "Phong", "Phúc", "Quân", "Quang",
               "Quý", "Sơn", "Tài", "Tâm", "Thắng", "Thành", "Thiện", "Thịnh", "Thủy", "Tiến",
               "Toàn", "Trung", "Trường", "Tú", "Tuấn", "Tùng", "Vinh", "Vũ", "Ý"),
    Sex.FEMALE: ("Ánh", "Anh", "Ân", "Bình", "Châu", "Chi", "Dung", "Duyên", "Đào", "Giang", "Hà",
                 "Hạnh", "Hằng", "Hiền", "Hoa", "Hòa", "Hồng", "Huệ", "Huyền", "Hương", "Lan",
                 "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Ngọc", "Nguyệt",
                 "Nhàn", "Nhung", "Oanh", "Phương", "Phượng", "Quyên", "Tâm", "Thảo", "Thoa", "Thu",
                 "Thủy", "Trà", "Trang", "Trinh", "Tuyết", "Uyên", "Vân", "Xuân", "Yến"),
}  # fmt: skip
# Tày, Thái, Mông, Ê-đê, Khmer, Chăm and others: one in fifteen, with their own ways of naming.
_MINORITY_NAMES = {
    Sex.MALE: ("Vàng A Páo", "Giàng A Chu", "Sùng A Lử", "Lò Văn Thương", "Quàng Văn Hặc",
               "Nông Văn Thắng", "Hoàng Văn Slao", "K'Brêu", "Y Blô Niê", "Y Thịnh Êban", "Siu Jưn",
               "Thạch Sô Phi", "Danh Út", "Kim Ngọc Rêm", "Rơ Châm Hiếu", "Đinh Văn Rin",
               "Bàn Văn Tiến", "Thào A Súa", "Hà Văn Khặp", "Đàng Năng Quý"),
    Sex.FEMALE: ("H'Hen Niê", "H'Yim Kđoh", "Sùng Thị Mỷ", "Lường Thị Tươi", "Lò Thị Piềng",
                 "Vừ Thị Dính", "Nông Thị Lê", "Triệu Mùi Chài", "Ka Nhiên", "Thạch Thị Sa Rinh",
                 "Sơn Thị Ngọc", "Giàng Thị Chứ", "Quàng Thị Hom", "Rơ Mah H'Bên", "Hồ Thị Côn",
                 "Đàng Thị Thanh Mỹ", "Ly Mỉ Ná", "Y Thị Phấn"),
}  # fmt: skip
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
            return rng.choice(_MINORITY_NAMES[sex])
        (family,) = rng.choices(tuple(_FAMILIES), weights=tuple(_FAMILIES.values()))
        middle, given = rng.choice(_MIDDLE[sex]), rng.choice(_GIVEN[sex])
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
