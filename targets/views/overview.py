from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock, formats
from common.access import SIGNED_IN, allow
from counting.choices import Unit
from counting.counter import counted
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS, Count
from targets.choices import QuotaState
from targets.models import AgencyTask, Quota, Target
from targets.progress import milestones
from targets.progress.percentages import measured, next_milestone
from targets.progress.quota_status import QuotaStatus, quota_statuses
from targets.progress.task_status import task_statuses
from targets.views.measures import measure_texts, percent_goal
from targets.views.task_list import task_rows

MOST_ROWS = 50
TONES = {
    QuotaState.MET: "good",
    QuotaState.ON_TRACK: "",
    QuotaState.AT_RISK: "wait",
    QuotaState.OVERDUE: "bad",
}


@allow(SIGNED_IN)
def targets_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Targets with their quotas, and tasks; coordinators see those of their own agency."""
    count = counted()
    tasks = AgencyTask.objects.current().visible_to(request.user).with_state(count.as_of)
    shown = tasks.select_related("agency", "indicator").order_by("due_on", "id")[:MOST_ROWS]
    may_set = request.user.has_role(Role.PROGRAMME_OFFICE)
    context = {
        "targets": _targets(request.user, count),
        "percentages": _percentages(),
        "tasks": task_rows(task_statuses(shown, count.as_of, clock.now())),
        "tasks_left_out": left_out(tasks.count()),
        "as_of": formats.day(count.as_of),
        "rule": count.rule,
        "may_set": may_set,
        "reads_everything": request.user.reads_everything,
    }
    return render(request, "targets/targets.html", context)


def _percentages() -> list[dict[str, Any]]:
    """The indicators that agencies report, each against the target due next."""
    rows = Indicator.objects.filter(unit=Unit.PERCENT).order_by("slug")
    shown = []
    for row in rows:
        measure = measured(row)
        goal = next_milestone(measure)
        shown.append(
            measure_texts(measure, []) | {"next": goal and percent_goal(goal, measure.as_of)}
        )
    return shown


def _targets(user: User, count: Count) -> list[dict[str, Any]]:
    quotas = Quota.objects.current().visible_to(user)
    found = quota_statuses(quotas.first_of_each_target(MOST_ROWS), count)
    sums = quotas.sums_by_target()
    former = Prefetch("earlier", Target.objects.order_by("believed_until"))
    rows = Target.objects.of(TRAINED_OFFICIALS).current().prefetch_related(former)
    targets = {target.due_on: target for target in rows}
    shown = []
    for goal in milestones(count):
        target = targets[goal.due_on]
        own = [status for status in found if status.quota.target_id == target.pk]
        number, total = sums.get(target.pk, (0, 0))
        minimum = formats.number(goal.minimum)
        shown.append(
            {
                "pk": target.pk,
                "label": _("At least %(minimum)s by %(day)s")
                % {"minimum": minimum, "day": formats.day(goal.due_on)},
                "text": f"{formats.number(goal.persons)} / {minimum}",
                "done": min(goal.persons, goal.minimum),
                "total": goal.minimum,
                "legal_basis": goal.legal_basis,
                "earlier": [_earlier(row) for row in target.earlier.all()],
                "may_change": goal.due_on >= count.as_of,
                "quotas": [_quota_row(status) for status in own],
                "left_out": left_out(number),
                "sum": sum_sentence(total, goal.minimum) if user.reads_everything else "",
            }
        )
    return shown


def _earlier(row: Target) -> str:
    until = formats.local_day(row.believed_until) if row.believed_until else clock.today()
    what = {
        "until": formats.day(until),
        "minimum": formats.number(row.minimum),
        "day": formats.day(row.due_on),
        "basis": row.legal_basis or "–",
    }
    text = _("Until %(until)s the target was at least %(minimum)s by %(day)s (%(basis)s).")
    return text % what


def left_out(number: int) -> str:
    """A sentence where a list is longer than what is shown of it, else empty."""
    if number <= MOST_ROWS:
        return ""
    what = {"shown": formats.number(MOST_ROWS), "number": formats.number(number)}
    return _("The first %(shown)s of %(number)s are shown; the API returns all of them.") % what


def sum_sentence(total: int, minimum: int) -> str:
    """The sum of all quotas of a target against the target."""
    what = {"sum": formats.number(total), "minimum": formats.number(minimum)}
    if not total:
        return _("No agency has a quota of this target yet.")
    what["difference"] = formats.number(abs(minimum - total))
    if total < minimum:
        text = _(
            "The quotas add up to %(sum)s of %(minimum)s: %(difference)s are not allocated yet."
        )
    elif total > minimum:
        text = _(
            "The quotas add up to %(sum)s, %(difference)s more than the target of %(minimum)s."
        )
    else:
        text = _("The quotas add up to exactly the target of %(minimum)s.")
    return text % what


def _quota_row(status: QuotaStatus) -> dict[str, Any]:
    quota = status.quota
    return {
        "pk": quota.pk,
        "agency": quota.agency.name,
        "slug": quota.agency.slug,
        "minimum": formats.number(quota.minimum),
        "persons": formats.number(status.persons),
        "due": formats.day(status.due_on),
        "expected": formats.number(status.expected),
        "lead": quota.lead_unit,
        "cooperating": quota.cooperating_units,
        "state": status.state.label,
        "tone": TONES[status.state],
    }
