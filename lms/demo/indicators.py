"""The three indicators that agencies report: two years, corrections, and what is silent."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from agencies.models import Agency
from audit.services import Actor
from common import clock
from common.spreadsheets import Column, write_xlsx
from counting.models import Indicator
from targets.models import IndicatorValue
from targets.progress.percentages import measured
from targets.services.values import decide_value, replace_value, report_value, withdraw_value

_SERVICES, _URBAN, _OPEN = "ai_online_public_services", "ai_urban_areas", "open_data_agencies"
_END_OF_2024, _END_OF_2025 = dt.date(2024, 12, 15), dt.date(2025, 12, 20)
_DAYS_TO_DECIDE = 7
# Indicator, agency → numerator, denominator; by day.
_Part = tuple[int, int]
_ROUNDS: dict[dt.date, dict[tuple[str, str], _Part]] = {
    _END_OF_2024: {
        (_SERVICES, "min-byt"): (12, 64),
        (_SERVICES, "prov-nghe-an"): (20, 90),
        (_URBAN, "prov-nghe-an"): (3, 20),
        (_URBAN, "prov-quang-ninh"): (5, 14),
        (_URBAN, "prov-cao-bang"): (1, 6),
        (_OPEN, "min-byt"): (1, 1),
        (_OPEN, "min-btc"): (0, 1),
        (_OPEN, "prov-nghe-an"): (1, 1),
    },
}
# How much of what an agency has, by its turn.
_PARTS: dict[str, Callable[[int], _Part]] = {
    _SERVICES: lambda turn: ((turn % 9 + 2) * (turn % 17 + 13) // 4, 3 * (turn % 17 + 13)),
    _URBAN: lambda turn: ((turn % 9 + 4) * (turn % 5 + 1) // 8, turn % 9 + 4),
    _OPEN: lambda turn: (int(turn % 5 > 1), 1),
}
_SILENT_EVERY = 3
_NOW: dict[tuple[str, str], _Part] = {
    (_OPEN, "min-bkhcn"): (1, 1),
    (_SERVICES, "min-byt"): (21, 64),
    (_URBAN, "prov-quang-ninh"): (9, 14),
    (_SERVICES, "min-bkhcn"): (34, 80),
}
_WAITING = (_SERVICES, "min-bkhcn")
_SHEET = (
    Column("what", "Nội dung", width=40),
    Column("numerator", "Tử số", "number"),
    Column("denominator", "Mẫu số", "number"),
)


@dataclass(frozen=True, slots=True)
class Reporting:
    office: Actor
    coordinator: Actor
    agencies: Mapping[str, Agency]

    def report_percentages(self) -> None:
        """The office has accepted all but the last, which waits; some agencies are silent."""
        rounds = {**_ROUNDS, _END_OF_2025: self._most_of_2025()}
        for day, parts in rounds.items():
            self._on(day + dt.timedelta(days=_DAYS_TO_DECIDE), partial(self._report, day, parts))
        self._on(dt.date(2025, 5, 20), self._replace)
        self._on(dt.date(2026, 4, 2), self._withdraw)
        self._report(clock.today() - dt.timedelta(days=30), _NOW)

    def _most_of_2025(self) -> dict[tuple[str, str], _Part]:
        """Of those who have to report, one in three stays silent."""
        bases = {row.slug: measured(row, _END_OF_2025).base for row in Indicator.objects.all()}
        return {
            (indicator, agency.slug): part(turn)
            for indicator, part in _PARTS.items()
            if (base := bases[indicator])
            for turn, agency in enumerate(base.agencies)
            if turn % _SILENT_EVERY
        }

    def _on(self, day: dt.date, act: Callable[[], None]) -> None:
        if day < clock.today():
            with clock.set_to(clock.start_of_day(day) + dt.timedelta(hours=9)):
                act()

    def _report(self, day: dt.date, parts: Mapping[tuple[str, str], _Part]) -> None:
        for (indicator, slug), (numerator, denominator) in parts.items():
            agency = self.agencies[slug]
            value = report_value(
                by=self.coordinator,
                indicator=Indicator.objects.get(slug=indicator),
                agency=agency,
                numerator=numerator,
                denominator=denominator,
                measured_on=day,
                evidence=_evidence(agency, numerator, denominator),
            )
            if (indicator, slug) != _WAITING:
                decide_value(by=self.office, value=value, accept=True)

    def _replace(self) -> None:
        value = _value(_URBAN, "prov-quang-ninh", _END_OF_2024)
        replace_value(
            by=self.office,
            value=value,
            numerator=3,
            denominator=14,
            measured_on=_END_OF_2024,
            evidence=_evidence(value.agency, 3, 14),
            reason="Hai đô thị chưa nghiệm thu ứng dụng",
        )

    def _withdraw(self) -> None:
        withdraw_value(
            by=self.office,
            value=_value(_OPEN, "prov-nghe-an", _END_OF_2025),
            reason="Cổng dữ liệu mở đã ngừng hoạt động",
        )


def _value(indicator: str, agency: str, day: dt.date) -> IndicatorValue:
    values = IndicatorValue.objects.select_related("indicator", "agency")
    value: IndicatorValue = values.get(
        indicator__slug=indicator, agency__slug=agency, measured_on=day
    )
    return value


def _evidence(agency: Agency, numerator: int, denominator: int) -> tuple[str, bytes]:
    rows = [(agency.name_vi, numerator, denominator)]
    return "so-lieu.xlsx", b"".join(write_xlsx(_SHEET, rows, sheet_name="Số liệu"))
