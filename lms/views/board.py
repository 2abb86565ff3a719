"""The programme office's part of the own page: quotas, forecast, changes since the last report."""

from typing import Any

from audit.models import AuditEntry
from common import formats
from counting.replay import Count
from targets.choices import QuotaState
from targets.models import IndicatorValue, PeriodReport, Quota
from targets.progress.adjustments import labels, summary_by_kind
from targets.progress.forecast import forecast
from targets.progress.forecast_output import next_target
from targets.progress.quota_status import quota_statuses, worst
from targets.progress.reconciliation_labels import step_labels
from targets.views.forecast import forecast_texts
from targets.views.overview import TONES
from targets.views.reports import rule_since

WORST = 5


def outlook_board(count: Count) -> dict[str, Any]:
    target = next_target(count)
    found = forecast(count, target) if target else None
    return {
        "quotas": _quotas(count),
        "forecast": forecast_texts(found) if found and found.missing else None,
        "report": _last_report(count),
        "waterfall": _waterfall(),
        "values_waiting": formats.number(IndicatorValue.objects.waiting().count()),
    }


def _quotas(count: Count) -> dict[str, Any]:
    found = quota_statuses(Quota.objects.current().select_related("target", "agency"), count)
    states = [status.state for status in found]
    return {
        "at_risk": formats.number(states.count(QuotaState.AT_RISK)),
        "overdue": formats.number(states.count(QuotaState.OVERDUE)),
        "worst": [(status, TONES[status.state]) for status in worst(found, WORST)],
    }


def _last_report(count: Count) -> dict[str, Any] | None:
    reports = (
        PeriodReport.objects.not_reopened().without_names().select_related("rule", "indicator")
    )
    report = reports.order_by("-ends_on").first()
    if report is None:
        return None
    changed = summary_by_kind(report, count)
    return {
        "signed": report,
        "net": sum(persons for _kind, _people, persons in changed),
        "kinds": [(labels()[kind], people, persons) for kind, people, persons in changed],
        "other_rule": rule_since(report),
    }


def _waterfall() -> dict[str, Any] | None:
    # From enrolled to counted, as last reconciled: reconciling takes too long for a page.
    last = AuditEntry.objects.filter(action="reconciled").order_by("-id").first()
    if last is None or not (counts := dict(last.details.get("steps", ()))):
        return None
    words = step_labels()
    return {
        "at": last.at,
        "unexplained": last.details["unexplained"],
        "most": max(1, *counts.values()),
        "steps": [
            {"label": words[key], "count": counts[key], "text": formats.number(counts[key])}
            for key in words
        ],
    }
