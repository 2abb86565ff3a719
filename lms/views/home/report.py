"""What the last signed report said, and what has changed since; the last reconciliation."""

from typing import Any

from audit.models import AuditEntry
from counting.replay import Count
from targets.models import PeriodReport
from targets.progress.adjustments import labels, summary_by_kind
from targets.views.reports import rule_since


def last_report(count: Count) -> dict[str, Any] | None:
    reports = PeriodReport.objects.not_reopened().without_names()
    report = reports.select_related("rule", "indicator").order_by("-ends_on").first()
    if report is None:
        return None
    changed = summary_by_kind(report, count)
    return {
        "signed": report,
        "net": sum(persons for _kind, _people, persons in changed),
        "kinds": [(labels()[kind], people, persons) for kind, people, persons in changed],
        "other_rule": rule_since(report),
    }


def contradictions() -> int:
    """As last reconciled in the night: reconciling takes too long for a page."""
    last = AuditEntry.objects.filter(action="reconciled").order_by("-id").first()
    found: int = last.details.get("unexplained", 0) if last else 0
    return found
