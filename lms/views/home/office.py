"""The programme office's queue: what must be decided, late things first."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count as CountOf
from django.db.models import Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from certificates.models import Certificate
from common import clock, formats
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from lms.views.home.lines import LATE, Line, due, named, waiting_since
from notices.models import Notice
from people.models import CandidatePair, DataRequest, TransferRequest
from targets.choices import QuotaState
from targets.models import IndicatorValue, PeriodReport, TaskReport
from targets.progress.quota_status import QuotaStatus, worst

DAYS_TO_CLOSE = 7  # after its last day a class is to be closed
RECENT_DAYS = 90  # older classes may have been certified on paper


def office_lines(statuses: Iterable[QuotaStatus]) -> list[Line]:
    return [
        _data_requests(),
        _to_close(),
        _overdue_quotas(statuses),
        _unsigned_years(),
        _to_approve(),
        _to_issue(),
        _pairs(),
        _failed_messages(),
        _values(),
        _task_progress(),
        _transfers(),
    ]


def _data_requests() -> Line:
    rows = DataRequest.objects.open().select_related("trainee")
    first = rows.order_by("state", "reply_by", "id").first()
    if first is None:
        return Line(title=_("Requests about personal data"), href=reverse("data_requests"), count=0)
    count = rows.count()
    asked = {"kind": first.get_kind_display(), "code": first.trainee.code}
    age = due(first.reply_by) if first.state == "open" else waiting_since(first.asked_at, count)
    return Line(
        title=_("Requests about personal data"),
        href=reverse("data_request", args=[first.pk]) if count == 1 else reverse("data_requests"),
        count=count,
        more=_("%(code)s: %(kind)s") % asked,
        **age,
    )


def _to_close() -> Line:
    runs = CourseRun.objects.over()
    first = list(runs.order_by("ends_on", "code").values_list("code", "ends_on")[:2])
    if not first:
        return Line(title=_("Classes to close"), href=reverse("runs"), count=0)
    count = runs.count()
    by = first[0][1] + dt.timedelta(days=DAYS_TO_CLOSE)
    return Line(
        title=_("Classes to close"),
        href=reverse("run_results", args=[first[0][0]])
        if count == 1
        else f"{reverse('runs')}?state=over",
        count=count,
        more=named([code for code, _day in first], count),
        **due(by),
    )


def _overdue_quotas(statuses: Iterable[QuotaStatus]) -> Line:
    late = [status for status in worst(statuses, 10_000) if status.state is QuotaState.OVERDUE]
    line = {"title": _("Quotas overdue"), "href": reverse("targets")}
    if not late:
        return Line(**line, count=0)
    first = min(late, key=lambda status: status.due_on)
    shown = {
        "agency": first.quota.agency.name,
        "persons": formats.number(first.persons),
        "minimum": formats.number(first.quota.minimum),
        "day": formats.day(first.due_on),
    }
    more = _("%(agency)s: %(persons)s of %(minimum)s people by %(day)s") % shown
    return Line(**line, count=len(late), more=more, **due(first.due_on))


def _unsigned_years() -> Line:
    """Years that are over, hold results, and whose last day no report in force covers."""
    line = {"title": _("Years without a signed report"), "href": reverse("new_report")}
    first = Completion.objects.not_voided().aggregate(day=Min("completed_on"))["day"]
    if first is None:
        return Line(**line, count=0)
    covered = PeriodReport.objects.not_reopened().values_list("starts_on", "ends_on")
    ends = [dt.date(year, 12, 31) for year in range(first.year, clock.today().year)]
    missing = [end for end in ends if not any(a <= end <= b for a, b in covered)]
    if not missing:
        return Line(**line, count=0)
    return Line(
        title=_("Years without a signed report"),
        href=f"{reverse('new_report')}?starts_on={missing[0].year}-01-01&ends_on={missing[0]}",
        count=len(missing),
        more=named([str(end.year) for end in missing], len(missing), most=4),
        age=_("ended on %(day)s") % {"day": formats.day(missing[0])},
        tone=LATE,
    )


def _to_approve() -> Line:
    pending = Enrollment.objects.pending_approval()
    found = pending.aggregate(
        count=CountOf("pk"),
        runs=CountOf("run", distinct=True),
        code=Min("run__code"),
        starts=Min("run__starts_on"),
        oldest=Min("state_since"),
    )
    title = _("Enrollments to approve")
    if not found["count"]:
        return Line(title=title, href=reverse("runs"), count=0)
    first = _("first class starts on %(day)s") % {"day": formats.day(found["starts"])}
    return Line(
        title=title,
        href=reverse("run_seats", args=[found["code"]])
        if found["runs"] == 1
        else reverse("to_approve"),
        count=found["count"],
        more=f"{named([found['code']], found['runs'], most=1)}; {first}",
        **waiting_since(found["oldest"], found["count"]),
    )


def _to_issue() -> Line:
    certified = Certificate.objects.values("completion")
    since = clock.today() - dt.timedelta(days=RECENT_DAYS)
    owed = Completion.objects.not_voided().exclude(pk__in=certified)
    found = owed.filter(run__ends_on__gte=since).aggregate(
        count=CountOf("pk"),
        runs=CountOf("run", distinct=True),
        code=Max("run__code"),
        oldest=Min("recorded_at"),
    )
    several = found["runs"] != 1
    return Line(
        title=_("Certificates to issue"),
        href=reverse("certificates")
        if several
        else reverse("run_certificates", args=[found["code"]]),
        count=found["count"],
        more=named([found["code"] or ""], found["runs"], most=1),
        **waiting_since(found["oldest"], found["count"]),
    )


def _pairs() -> Line:
    found = CandidatePair.objects.open().aggregate(count=CountOf("pk"), oldest=Min("found_at"))
    return Line(
        title=_("Possible duplicates"),
        href=reverse("pairs"),
        count=found["count"],
        more=_("They may change the number of people counted"),
        **waiting_since(found["oldest"], found["count"]),
    )


def _failed_messages() -> Line:
    failed = Notice.objects.failed()
    found = failed.aggregate(count=CountOf("pk"), oldest=Min("created_at"), subject=Min("subject"))
    return Line(
        title=_("Messages that could not be sent"),
        href=f"{reverse('message_outbox')}?state=failed",
        count=found["count"],
        more=found["subject"] or "",
        **waiting_since(found["oldest"], found["count"]),
    )


def _values() -> Line:
    waiting = IndicatorValue.objects.waiting().select_related("agency").order_by("submitted_at")
    first = waiting.first()
    line = {"title": _("Indicator figures to review"), "href": reverse("indicators")}
    if first is None:
        return Line(**line, count=0)
    count = waiting.count()
    if count == 1:
        line["href"] = reverse("decide_value", args=[first.pk])
    more = _("sent by %(agency)s") % {"agency": first.agency.name}
    return Line(**line, count=count, more=more, **waiting_since(first.submitted_at, count))


def _task_progress() -> Line:
    found = TaskReport.objects.waiting().aggregate(
        count=CountOf("pk"), oldest=Min("submitted_at"), title=Min("task__title")
    )
    return Line(
        title=_("Reported progress of tasks to review"),
        href=f"{reverse('tasks')}?to_review=on",
        count=found["count"],
        more=found["title"] or "",
        **waiting_since(found["oldest"], found["count"]),
    )


def _transfers() -> Line:
    found = TransferRequest.objects.pending().aggregate(
        count=CountOf("pk"), oldest=Min("asked_at"), agency=Min("to_agency__name_vi")
    )
    return Line(
        title=_("Transfer requests awaiting an answer"),
        href=reverse("transfer_requests"),
        count=found["count"],
        more=found["agency"] or "",
        **waiting_since(found["oldest"], found["count"]),
    )
