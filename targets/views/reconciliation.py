from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import allow
from jobs.stored_results import facts, stored_result
from people.models import Trainee
from targets.job_types import RECONCILE
from targets.progress.reconciliation import OtherDay, Step, StepReason
from targets.progress.reconciliation_rows import Named
from targets.progress.stored_reconciliation import stored_reconciliation, visible_codes
from targets.services.nightly_reconciliation import start_reconciliation

PAGE = 50
Row = TypeVar("Row", Named, OtherDay)


@allow(*OVERSEERS)
def reconcile_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    found = stored_reconciliation()
    context: dict[str, Any] = {
        "result": facts(stored_result(RECONCILE.kind)),
        "may_compute": request.user.has_role(Role.PROGRAMME_OFFICE),
        "found": found,
    }
    if found:
        others = found.outside_class_days
        context |= {
            "steps": [_step(step, found.steps[0].count) for step in found.steps],
            "unexplained": found.unexplained,
            "other_days": _visible(request.user, others[:PAGE]),
            "other_days_count": formats.number(len(others)),
            "rule": found.rule,
            "counted": formats.number(found.steps[-1].count),
        }
    return render(request, "targets/reconcile.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def reconcile_again(request: AuthenticatedHttpRequest) -> HttpResponse:
    start_reconciliation(by=request.user.as_actor(), owner=request.user)
    return redirect("reconcile")


def _step(step: Step, enrolled: int) -> dict[str, Any]:
    return {
        "key": step.key,
        "label": step.label,
        "count": step.count,
        "text": formats.number(step.count),
        "total": max(enrolled, step.count, 1),
        "reasons": [
            {"code": one.code, "label": one.label, "count": formats.signed(one.count)}
            for one in step.reasons
        ],
    }


@allow(*OVERSEERS)
def reconcile_names(request: AuthenticatedHttpRequest, step: str, reason: str) -> HttpResponse:
    """The people by whom a step differs from the one before, for one reason."""
    found_step, found = _reason(step, reason)
    page = Paginator(found.people, PAGE).get_page(request.GET.get("page"))
    shown = _visible(request.user, page)
    codes = {one.code for one in shown}
    trainees = Trainee.objects.select_related("agency").in_bulk(codes, field_name="code")
    rows = [
        {
            "code": one.code,
            "run": one.run,
            "name": trainees[one.code].full_name,
            "agency": trainees[one.code].agency.name,
        }
        for one in shown
    ]
    context = {
        "step": found_step.label,
        "label": found.label,
        "count": formats.signed(found.count),
        "page": page,
        "rows": rows,
        "is_counting": found_step.key == "counted",
    }
    return render(request, "targets/reconcile_names.html", context)


def _visible(user: User, rows: Iterable[Row]) -> list[Row]:
    """Those of the stored rows whose person the reader may see now."""
    found = list(rows)
    codes = visible_codes(user, {one.code for one in found})
    return [one for one in found if one.code in codes]


def _reason(key: str, code: str) -> tuple[Step, StepReason]:
    found = stored_reconciliation()
    for step in found.steps if found else ():
        for reason in step.reasons:
            if (step.key, reason.code) == (key, code):
                return step, reason
    raise Http404
