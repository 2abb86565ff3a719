"""Who has to report an indicator by a day, and who has done so."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agencies.choices import AgencyKind, sector_of
from agencies.models import Agency, SuccessionLink
from common.prepared import Given, Prepared
from targets.choices import ReportingInterval, ValueState
from targets.models import IndicatorValue, ReportingDuty, ReportingReminder
from targets.progress.quarters import Quarter


@dataclass(frozen=True, slots=True)
class Period:
    """What one report of an indicator is about."""

    first: dt.date
    last: dt.date

    @property
    def label(self) -> str:
        months = (self.last - self.first).days // 30
        if months < ReportingInterval.HALF_YEAR - 1:
            return Quarter.of(self.first).label
        if months >= ReportingInterval.YEAR - 1:
            return str(self.first.year)
        halves = _("first half of %(year)s"), _("second half of %(year)s")
        return halves[self.first.month > 6] % {"year": self.first.year}


def last_period(as_of: dt.date, months: int) -> Period:
    """The last whole period of so many months that is over at the end of a day."""
    after = as_of + dt.timedelta(days=1)
    number = (12 * after.year + after.month - 1) // months
    return Period(_first(number - 1, months), _first(number, months) - dt.timedelta(days=1))


def _first(number: int, months: int) -> dt.date:
    year, month = divmod(number * months, 12)
    return dt.date(year, month + 1, 1)


@dataclass(frozen=True)
class Base:
    """Whom the figure of an indicator could speak of, as of a day and believed at an instant.

    ``agency_ids`` have to report, ``reported`` are those of them whose accepted values count.
    """

    duty: ReportingDuty
    as_of: dt.date
    known_as_of: dt.datetime
    agency_ids: frozenset[int]
    reported: frozenset[int]

    @cached_property
    def period(self) -> Period:
        return last_period(self.as_of, self.duty.months)

    @property
    def due_on(self) -> dt.date:
        """The last day to report the period in time."""
        return self.period.last + dt.timedelta(days=self.duty.days_to_report)

    @cached_property
    def waiting_ids(self) -> frozenset[int]:
        """Agencies that have reported what the office has not decided on yet."""
        waiting = _waiting(
            indicator=self.duty.indicator_id,
            first=self.period.first,
            last=self.as_of,
            known=self.known_as_of,
        )
        return self.agency_ids.intersection(agency for (agency,) in waiting) - self.reported

    @property
    def silent_ids(self) -> frozenset[int]:
        return self.agency_ids - self.reported - self.waiting_ids

    @cached_property
    def agencies(self) -> tuple[Agency, ...]:
        # Figures need the ids alone: agencies are some hundred rows.
        rows = Agency.objects.filter(pk__in=self.agency_ids)
        return tuple(rows.order_by("sort_key", "pk"))

    @property
    def waiting(self) -> tuple[Agency, ...]:
        return tuple(agency for agency in self.agencies if agency.pk in self.waiting_ids)

    @property
    def silent(self) -> tuple[Agency, ...]:
        silent = self.silent_ids
        return tuple(agency for agency in self.agencies if agency.pk in silent)


def base_of(
    duty: ReportingDuty, as_of: dt.date, known_as_of: dt.datetime, reported: frozenset[int]
) -> Base:
    """``reported`` are all agencies whose values count; those without the duty are left out."""
    kinds = [kind for kind in AgencyKind if kind in duty.kinds or sector_of(kind) in duty.sectors]
    rows = _with_duty(tuple(kinds), duty=duty.pk, day=as_of, known=known_as_of)
    agency_ids = frozenset(agency for (agency,) in rows)
    return Base(duty, as_of, known_as_of, agency_ids, reported & agency_ids)


@Prepared
def _with_duty(kinds: tuple[AgencyKind, ...]) -> Any:
    day: Any = Given("day")
    known: Any = Given("known")
    of_the_kinds = Q(kind__in=kinds, parent=None)
    named = ReportingDuty.agencies.through.objects.filter(reportingduty=Given("duty"))
    rows = Agency.objects.valid_on(day).filter(of_the_kinds | Q(pk__in=named.values("agency")))
    return rows.exclude(pk__in=succeeded(day, known)).order_by().values_list("pk")


@Prepared
def _waiting() -> Any:
    known: Any = Given("known")
    values = IndicatorValue.objects.waiting_at(known).filter(
        indicator=Given("indicator"),
        measured_on__gte=Given("first"),
        measured_on__lte=Given("last"),
    )
    return values.order_by().values_list("agency_id")


def succeeded(as_of: dt.date, known_as_of: dt.datetime) -> QuerySet[SuccessionLink, int]:
    """Ids of agencies for which a successor reports."""
    links = SuccessionLink.objects.believed(known_as_of).in_force_on(as_of)
    return links.values_list("predecessor", flat=True)


@dataclass(frozen=True, slots=True)
class SilentAgency:
    """``last`` is its last value that the office knows of, whatever has become of it."""

    agency: Agency
    last: IndicatorValue | None
    state: str
    reminded_at: dt.datetime | None


def silent_agencies(base: Base) -> Iterator[SilentAgency]:
    values = IndicatorValue.objects.submitted_by(base.known_as_of).filter(
        indicator=base.duty.indicator_id, agency__in=base.silent_ids, measured_on__lte=base.as_of
    )
    last = {value.agency_id: value for value in values.order_by("submitted_at", "pk")}
    reminders = ReportingReminder.objects.filter(
        indicator=base.duty.indicator_id,
        period_ends_on=base.period.last,
        sent_at__lte=base.known_as_of,
    )
    reminded = dict(reminders.values_list("agency_id", "sent_at"))
    for agency in base.silent:
        value = last.get(agency.pk)
        yield SilentAgency(agency, value, _state(value, base), reminded.get(agency.pk))


def _state(value: IndicatorValue | None, base: Base) -> str:
    if value is None:
        return _("has never reported")
    if value.measured_on < base.period.first:
        return _("has reported an earlier period only")
    if value.state == ValueState.RETURNED:
        return _("value returned, not reported again")
    return pgettext("of a reported value", "withdrawn")
