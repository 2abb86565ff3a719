"""What an agency's page shows to whoever acts for it or oversees the programme."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from common import bar_charts, formats
from counting.counter import counted
from counting.replay import Count as Counted
from courses.models import CourseRun
from courses.views import run_facts
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from lms.views.home.people import people_by_status
from targets.models import Quota
from targets.progress.quota_status import Credit, QuotaStatus, quota_statuses
from targets.views.overview import TONES

MOST_RUNS, MOST_QUOTAS, MOST_STEPS = 10, 3, 8

# Day, people planned by then, people trained by then; None for days to come.
PlanStep = tuple[dt.date, int, int | None]


def overview_of_agency(user: User, agency: Agency) -> tuple[str, dict[str, Any]] | None:
    """People, quotas with their plan, classes. None for whoever is not concerned."""
    if not Agency.objects.seen_by(user).filter(pk=agency.pk).exists():
        return None
    return "lms/agency_overview.html", {
        "people": people_by_status(user, agency.slug),
        "quotas": _quotas(user, agency),
        "runs": _runs(user, agency),
    }


def _quotas(user: User, agency: Agency) -> list[dict[str, Any]]:
    rows = Quota.objects.current().visible_to(user).filter(agency=agency)
    quotas = list(rows.select_related("target", "agency").order_by("target__due_on")[:MOST_QUOTAS])
    if not quotas:
        return []
    count = counted()
    credit = Credit.believed(quotas, count.known_as_of)
    return [
        _quota(status, _steps(status.quota, count, credit))
        for status in quota_statuses(quotas, count, credit)
    ]


def _quota(status: QuotaStatus, steps: list[PlanStep]) -> dict[str, Any]:
    quota = status.quota
    return {
        "pk": quota.pk,
        "due": formats.day(status.due_on),
        "text": f"{formats.number(status.persons)} / {formats.number(quota.minimum)}",
        "done": min(status.persons, quota.minimum),
        "total": quota.minimum,
        "missing": formats.number(status.missing),
        "state": status.state.label,
        "tone": TONES[status.state],
        "steps": steps,
        "chart": _chart(quota, steps) if len(steps) > 1 else "",
    }


def _steps(quota: Quota, count: Counted, credit: Credit) -> list[PlanStep]:
    def trained(day: dt.date) -> int:
        then = counted(day, known_as_of=count.known_as_of, rule=count.rule)
        return credit.people(then)[quota.pk]

    return [
        (day, planned, trained(day) if day <= count.as_of else None)
        for day, planned in quota.plan[:MOST_STEPS]
    ]


def _chart(quota: Quota, steps: list[PlanStep]) -> SafeString:
    columns = [bar_charts.Column(f"{day:%m/%Y}", planned, actual) for day, planned, actual in steps]
    return bar_charts.bars(
        columns,
        title=_("Plan and actual"),
        description=_("The table below has the same figures."),
        name=f"quota-{quota.pk}",
    )


def _runs(user: User, agency: Agency) -> list[dict[str, Any]]:
    """The latest classes with people whom the agency sent."""
    sent = Enrollment.objects.visible_to(user).filter(sending_agency=agency).live()
    by_run = (
        sent.order_by()
        .values("run")
        .annotate(
            people=Count("pk"), completed=Count("pk", filter=Q(state=EnrollmentState.COMPLETED))
        )
    )
    latest = by_run.order_by("-run__starts_on", "-run")[:MOST_RUNS]
    figures = {row["run"]: row for row in latest}
    runs = CourseRun.objects.filter(pk__in=figures).select_related("course")
    return [
        run_facts(run)
        | {
            "title": run.course.title,
            "people": formats.number(figures[run.pk]["people"]),
            "completed": formats.number(figures[run.pk]["completed"]),
        }
        for run in sorted(runs, key=lambda run: run.starts_on, reverse=True)
    ]
