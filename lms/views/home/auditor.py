"""An auditor's home: what changed since the last visit, the sample, signed reports, the log."""

import datetime as dt
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from accounts.sessions import PREVIOUS_VISIT
from audit.choices import ACTIONS
from audit.models import AuditEntry
from audit.services.seals import chain_length
from common import clock, formats
from counting.replay import Count as CountOfPeople
from targets.models import PeriodReport
from targets.progress.adjustments import summary_by_kind

DAYS = 7  # where no earlier visit is known
MOST_ACTIONS, MOST_REPORTS = 12, 3


def auditor_home(request: HttpRequest, count: CountOfPeople) -> dict[str, Any]:
    visited = parse_datetime(request.session.get(PREVIOUS_VISIT, ""))
    since = visited or clock.now() - dt.timedelta(days=DAYS)
    sealed, unsealed = chain_length()
    return {
        "since": formats.instant(since),
        "is_visit": visited is not None,
        "since_day": formats.local_day(since).isoformat(),
        "changes": _changes(since),
        "reports": _reports(count),
        "sealed": formats.number(sealed),
        "unsealed": formats.number(unsealed) if unsealed else "",
    }


def _changes(since: dt.datetime) -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(at__gte=since).order_by().values("action")
    found = rows.annotate(number=Count("pk"), latest=Max("at")).order_by("-number", "action")
    return [
        {
            "action": row["action"],
            "label": str(ACTIONS.get(row["action"], row["action"].replace("_", " "))),
            "number": formats.number(row["number"]),
            "latest": formats.instant(row["latest"]),
        }
        for row in found[:MOST_ACTIONS]
    ]


def _reports(count: CountOfPeople) -> list[dict[str, Any]]:
    """The latest signed reports; of the last one how much has been adjusted since."""
    found = PeriodReport.objects.not_reopened().without_names().select_related("rule", "indicator")
    rows = list(found.order_by("-ends_on")[:MOST_REPORTS])
    changed = sum(net for _kind, _people, net in summary_by_kind(rows[0], count)) if rows else 0
    return [
        {
            "report": report,
            "days": formats.days(report.starts_on, report.ends_on),
            "persons": formats.number(report.persons),
            "changed": formats.signed(changed) if changed and report is rows[0] else "",
        }
        for report in rows
    ]
