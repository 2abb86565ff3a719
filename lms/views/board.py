"""The office's board: quotas at risk, the forecast, what changed since the last sign-off."""

from typing import Any

from common import formats
from targets.choices import Standing
from targets.models import IndicatorValue, PeriodReport, Quota
from targets.progress import Count, counted
from targets.progress.forecasting import forecast
from targets.progress.standing import standings
from targets.views.outlook import next_target, told
from targets.views.reports import rule_since


def outlook_board(count: Count) -> dict[str, Any]:
    """What the office looks at besides the number, from a count of today."""
    target = next_target(count)
    found = forecast(count, target) if target else None
    return {
        "quotas": _quotas(count),
        "forecast": told(found) if found and found.missing else None,
        "report": _last_report(),
        "values_waiting": formats.number(IndicatorValue.objects.waiting().count()),
    }


def _quotas(count: Count) -> dict[str, str]:
    quotas = Quota.objects.select_related("target", "agency")
    states = [standing.state for standing in standings(quotas, count)]
    return {
        "at_risk": formats.number(states.count(Standing.AT_RISK)),
        "overdue": formats.number(states.count(Standing.OVERDUE)),
    }


def _last_report() -> dict[str, Any] | None:
    """The last signed period, and by how much its figure would be another one today."""
    reports = PeriodReport.objects.standing().without_names().select_related("rule", "indicator")
    report = reports.order_by("-ends_on").first()
    if report is None:
        return None
    now = counted(report.ends_on, rule=report.rule, indicator=report.indicator.slug)
    net = now.persons - report.persons
    sign = "+" if net > 0 else "−" if net < 0 else ""
    return {
        "code": report.code,
        "days": formats.days(report.starts_on, report.ends_on),
        "persons": formats.number(report.persons),
        "net": f"{sign}{formats.number(abs(net))}",
        "other_rule": rule_since(report),
    }
