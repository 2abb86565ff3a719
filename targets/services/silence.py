"""Reminding agencies that have not reported an indicator, once for each period."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock, formats
from counting.choices import Unit
from counting.models import Indicator
from targets.errors import TargetError
from targets.models import ReportingReminder
from targets.progress.percentages import measured
from targets.progress.reporting import Base, silent_agencies
from targets.services.deadline_mail import Claim, Due, readers_of, send


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who would be reminded now: ``without_coordinator`` are agencies that the office hears of."""

    agencies: int
    messages: int
    without_coordinator: int
    reminded_before: int


def recipients(indicator: Indicator) -> Recipients:
    base = measured(indicator).base
    if base is None:
        return Recipients(0, 0, 0, 0)
    due = list(_due(indicator, base, SYSTEM))
    readers = readers_of(due)
    return Recipients(
        agencies=len(due),
        messages=len({reader for found in readers.values() for reader in found}),
        without_coordinator=sum(
            not any(reader.acts_for_them for reader in found) for found in readers.values()
        ),
        reminded_before=len(base.silent_ids) - len(due),
    )


@audited("silent_agencies_reminded")
def remind_silent(*, by: Actor, indicator: Indicator) -> int:
    """Remind every silent agency that was not reminded for this period; how many messages.

    Raises TargetError: ``nobody_to_remind``.
    """
    base = measured(indicator).base
    due = list(_due(indicator, base, by)) if base else []
    messages, agencies = send(due)
    if base is None or not messages:
        message = _("There is nobody to remind: all have reported, or were reminded before.")
        raise TargetError("nobody_to_remind", message)
    audit_details(
        indicator=indicator.slug,
        period=base.period.last.isoformat(),
        agencies=agencies,
        messages=messages,
    )
    return messages


def values_overdue() -> Iterator[Due]:
    """What the timed task reminds of: days to report that passed after they were determined."""
    for indicator in Indicator.objects.filter(unit=Unit.PERCENT).order_by("slug"):
        base = measured(indicator).base
        if base and formats.local_day(base.duty.recorded_at) <= base.due_on < clock.today():
            yield from _due(indicator, base, SYSTEM)


def _due(indicator: Indicator, base: Base, by: Actor) -> Iterator[Due]:
    for silent in silent_agencies(base):
        if silent.reminded_at is None:
            line = partial(_line, silent.agency, indicator, base)
            yield Due(_claim(silent.agency, indicator, base, by), {silent.agency.pk: line})


def _claim(agency: Agency, indicator: Indicator, base: Base, by: Actor) -> Claim:
    def claim() -> bool:
        _row, is_new = ReportingReminder.objects.get_or_create(
            indicator=indicator,
            agency=agency,
            period_ends_on=base.period.last,
            defaults={"sent_by": by.label},
        )
        return is_new

    return claim


def _line(agency: Agency, indicator: Indicator, base: Base) -> str:
    text = _("%(agency)s: value for %(period)s not reported, due on %(day)s: %(indicator)s.")
    return text % {
        "agency": agency.name,
        "period": base.period.label,
        "day": formats.day(base.due_on),
        "indicator": indicator.title,
    }
