from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.choices import OVERSEERS
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow
from people.models import Trainee
from targets.progress import reconcile
from targets.progress.reconciliation import Step, StepReason

PAGE = 50


@allow(*OVERSEERS)
def reconcile_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    found = reconcile()
    context = {
        "as_of": formats.day(clock.today()),
        "steps": [_step(step, found.steps[0].count) for step in found.steps],
        "unexplained": found.unexplained,
        "other_days": found.outside_class_days[:PAGE],
        "other_days_count": formats.number(len(found.outside_class_days)),
        "rule": found.rule,
        "counted": formats.number(found.steps[-1].count),
    }
    return render(request, "targets/reconcile.html", context)


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
    codes = {one.code for one in page}
    trainees = Trainee.objects.select_related("agency").in_bulk(codes, field_name="code")
    rows = [
        {
            "code": one.code,
            "run": one.run,
            "name": trainees[one.code].full_name,
            "agency": trainees[one.code].agency.name,
        }
        for one in page
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


def _reason(key: str, code: str) -> tuple[Step, StepReason]:
    for step in reconcile().steps:
        for reason in step.reasons:
            if (step.key, reason.code) == (key, code):
                return step, reason
    raise Http404
