import datetime as dt
from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from counting.choices import Unit
from counting.models import Indicator
from targets.choices import ReportingInterval
from targets.errors import TargetError, TargetInputError
from targets.models import ReportingDuty

MOST_DAYS = 365


@audited("reporting_duty_set")
def set_duty(
    *,
    by: Actor,
    indicator: Indicator,
    since: dt.date,
    reason: str,
    kinds: Iterable[str] = (),
    sectors: Iterable[str] = (),
    agencies: Collection[Agency] = (),
    months: int = ReportingInterval.YEAR,
    days_to_report: int = 30,
    legal_basis: str = "",
) -> ReportingDuty:
    """Determine who has to report an indicator from a day on; former versions stay for replays.

    Raises TargetError: ``not_a_percentage``, ``reason_missing``, ``nobody_reports``,
    ``interval_unknown``, ``days_out_of_range``.
    """
    kinds, sectors = sorted(kinds), sorted(sectors)
    require_percentage(indicator)
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for the change."))
    if not (kinds or sectors or agencies):
        message = _("Choose kinds of agencies, sectors or agencies that have to report.")
        raise TargetInputError("nobody_reports", message)
    _require_interval(months, days_to_report)
    duty = ReportingDuty.objects.create(
        indicator=indicator,
        since=since,
        kinds=kinds,
        sectors=sectors,
        months=months,
        days_to_report=days_to_report,
        legal_basis=legal_basis.strip(),
        reason=reason.strip()[:250],
        recorded_by=by.label,
    )
    duty.agencies.set(agencies)
    audit_details(
        indicator=indicator.slug,
        since=since.isoformat(),
        kinds=kinds,
        sectors=sectors,
        agencies=sorted(agency.slug for agency in agencies),
        months=months,
        days_to_report=days_to_report,
        legal_basis=duty.legal_basis,
        reason=duty.reason,
    )
    return duty


def require_percentage(indicator: Indicator) -> None:
    if indicator.unit != Unit.PERCENT:
        message = _("This indicator is calculated from completions, not reported.")
        raise TargetError("not_a_percentage", message)


def _require_interval(months: int, days_to_report: int) -> None:
    if months not in ReportingInterval.values:
        message = _("Choose how often the indicator is reported.")
        raise TargetInputError("interval_unknown", message)
    if not 0 <= days_to_report <= MOST_DAYS:
        message = _("Allow between 0 and %(most)s days to report.") % {"most": MOST_DAYS}
        raise TargetInputError("days_out_of_range", message)
