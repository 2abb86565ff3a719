import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

DAYS = 365 / 4
LABELS = (
    _("Q1/%(year)s"),
    _("Q2/%(year)s"),
    _("Q3/%(year)s"),
    _("Q4/%(year)s"),
)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year, by its first day."""

    first: dt.date

    @classmethod
    def of(cls, day: dt.date) -> "Quarter":
        return cls(dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))

    @property
    def last(self) -> dt.date:
        return self.next.first - dt.timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter.of(self.first + dt.timedelta(days=95))  # a quarter has at most 92 days

    @property
    def previous(self) -> "Quarter":
        return Quarter.of(self.first - dt.timedelta(days=1))

    @property
    def label(self) -> str:
        return str(LABELS[(self.first.month - 1) // 3] % {"year": self.first.year})


def quarters_between(day: dt.date, last: dt.date) -> float:
    """Quarters left from one day to another, at least one."""
    return max(1.0, (last - day).days / DAYS)
