"""The attendance grid, the sheet to print, conference logs, walk-ins."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock, formats
from common.access import allow, recorded_download
from common.errors import DomainError
from common.form_errors import error_as_message, valid_data
from common.numbers import whole_number
from courses.choices import RunState
from courses.models import CourseRun, Session
from enrollment.choices import MANUAL_EVIDENCE, Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.forms.attendance import (
    ConferenceLogForm,
    EvidenceForm,
    MarkFileForm,
    RestForm,
    WalkInForm,
)
from enrollment.limits import WALK_INS, WALK_INS_AS_SOMEBODY
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import (
    enrollments_to_mark,
    mark_one,
    mark_the_rest,
    record_attendance,
)
from enrollment.services.conference import LogOutcome, record_conference_log
from enrollment.services.enrollments import enroll_walk_in, record_unknown_walk_in
from enrollment.sheets import read_attendance
from enrollment.sheets.conference import read_conference_log
from enrollment.views.session_marks import session_context
from enrollment.views.shared import (
    document_response,
    run_context,
    run_for_staff,
)

SYMBOLS = {Mark.PRESENT: "✓", Mark.LATE: "M", Mark.EXCUSED: "P", Mark.ABSENT: "✗"}
NEXT = {
    "": Mark.PRESENT,
    Mark.PRESENT: Mark.LATE,
    Mark.LATE: Mark.EXCUSED,
    Mark.EXCUSED: Mark.ABSENT,
    Mark.ABSENT: Mark.PRESENT,
}


@allow(*RUN_READERS)
def attendance_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    sessions = list(run.sessions.order_by("number"))
    enrollments = list(enrollments_to_mark(run))
    marks = {
        (mark.enrollment_id, mark.session_id): mark
        for mark in Attendance.objects.filter(enrollment__run=run)
    }
    context = (
        run_context(request, run)
        | {"may_mark": _may_mark(request.user, run)}
        | _grid(sessions, enrollments, marks)
        | session_context(request, sessions, enrollments, marks)
    )
    if context["may_mark"]:
        begun = [s for s in reversed(sessions) if s.starts_at <= clock.now()]
        context["evidence_form"] = EvidenceForm()
        context["rest_form"] = RestForm(sessions=begun, auto_id="rest_%s")
        context["mark_file_form"] = MarkFileForm(auto_id="marks_%s")
        context["log_form"] = ConferenceLogForm(sessions=run.sessions.order_by("number"))
        context["walk_in_form"] = WalkInForm() if run.course.walk_ins_allowed else None
    return render(request, "enrollment/attendance.html", context)


def _may_mark(user: User, run: CourseRun) -> bool:
    return user.has_role(*RUN_MANAGERS) and run.state not in (RunState.CLOSED, RunState.CANCELLED)


def _grid(
    sessions: list[Session],
    enrollments: list[Enrollment],
    marks: Mapping[tuple[int, int], Attendance],
) -> dict[str, Any]:
    return {
        "sessions": sessions,
        "rows": _grid_rows(enrollments, sessions, marks),
        "changes": [
            {"name": one.trainee.full_name, "session": s.number, "lines": _mark_history(mark)}
            for one in enrollments
            for s in sessions
            if (mark := marks.get((one.pk, s.pk))) and mark.earlier
        ],
    }


def _grid_rows(
    enrollments: list[Enrollment],
    sessions: list[Session],
    marks: Mapping[tuple[int, int], Attendance],
) -> list[dict[str, Any]]:
    begun = {session.pk: session.starts_at <= clock.now() for session in sessions}
    return [
        {
            "name": one.trainee.full_name,
            "cells": [
                cell(one.pk, pk, marks.get((one.pk, pk)), begun=has_begun)
                for pk, has_begun in begun.items()
            ],
        }
        for one in enrollments
    ]


def cell(
    enrollment_id: int, session: int, found: Attendance | None, *, begun: bool
) -> dict[str, Any]:
    """One cell of the grid; ``value`` is what a click sends."""
    mark = found.mark if found else ""
    return {
        "id": f"m-{enrollment_id}-{session}",
        "value": f"{enrollment_id}-{session}-{NEXT[mark]}",
        "mark": mark,
        "symbol": SYMBOLS.get(Mark(mark), "") if mark else "·",
        "words": str(Mark(mark).label) if mark else _("no mark"),
        "history": "\n".join(_mark_history(found)) if found else "",
        "changed": bool(found and found.earlier),
        "begun": begun,
    }


def _mark_history(found: Attendance) -> list[str]:
    lines = [_mark_line(found.mark, found.evidence, found.recorded_at, found.recorded_by)]
    for before in reversed(found.earlier):
        at = dt.datetime.fromisoformat(before["at"])
        lines.append(_mark_line(before["mark"], before["evidence"], at, before["by"]))
    return lines


def _mark_line(mark: str, evidence: str, at: dt.datetime, by: str) -> str:
    return f"{Mark(mark).label} · {Evidence(evidence).label} · {by}, {formats.instant(at)}"


@allow(*RUN_MANAGERS)
@require_POST
def mark_attendance(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Set one mark; htmx gets the new cell, a plain form the whole grid."""
    # One field holds the whole click, so that the grid works without JavaScript.
    try:
        enrollment, session, mark = request.POST.get("cell", "").split("-")
        marked = mark_one(
            by=request.user.as_actor(),
            enrollments=Enrollment.objects.filter(run__code=code).markable_by(request.user),
            enrollment_id=whole_number(enrollment) or 0,
            session_id=whole_number(session) or 0,
            mark=Mark(mark),
            evidence=_evidence(request),
        )
    except ValueError as error:
        raise Http404 from error
    except DomainError as error:
        return _refusal(request, code, error)
    if marked is None:
        raise Http404
    if not getattr(request, "htmx", False):
        return redirect("run_attendance", code)
    context = {
        "cell": cell(marked.enrollment_id, marked.session_id, marked, begun=True),
        "may_mark": True,
        "mark_address": request.path,
    }
    return render(request, "enrollment/attendance_cell.html", context)


def _evidence(request: HttpRequest) -> Evidence:
    """Raises ValueError for evidence that a trainer cannot choose."""
    kind = Evidence(request.POST.get("evidence") or Evidence.TRAINERS_MARK)
    if kind not in MANUAL_EVIDENCE:
        raise ValueError(kind)
    return kind


@allow(*RUN_MANAGERS)
@require_POST
def mark_rest(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = RestForm(request.POST, sessions=run.sessions.select_related("run"))
    with error_as_message(request):
        data = valid_data(form)
        count = mark_the_rest(
            by=request.user.as_actor(),
            session=data["session"],
            mark=Mark(data["mark"]),
            evidence=Evidence(data["evidence"]),
        )
        _message_mark_count(request, count)
    return redirect("run_attendance", code)


@allow(*RUN_MANAGERS)
@require_POST
def take_attendance(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    with error_as_message(request):
        file = valid_data(MarkFileForm(request.POST, request.FILES))["file"]
        count = record_attendance(
            by=request.user.as_actor(),
            run=run,
            marks=read_attendance(file.read(), run),
            evidence=Evidence.SIGNED_SHEET,
        )
        _message_mark_count(request, count)
    return redirect("run_attendance", code)


def _message_mark_count(request: HttpRequest, count: int) -> None:
    text = ngettext("%(count)s mark recorded.", "%(count)s marks recorded.", count)
    messages.success(request, text % {"count": formats.number(count)})


def _refusal(request: HttpRequest, code: str, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    if getattr(request, "htmx", False):
        # htmx ignores redirects to the same page: a refresh shows the message.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("run_attendance", code)


@allow(*RUN_READERS)
@recorded_download
@never_cache
def attendance_sheet_file(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    return document_response(request, run, "attendance")


@allow(*RUN_MANAGERS)
@require_POST
def conference_log(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = ConferenceLogForm(
        request.POST, request.FILES, sessions=run.sessions.select_related("run")
    )
    with error_as_message(request):
        data = valid_data(form)
        stays = read_conference_log(data["file"].read(), zone=data["zone"])
        outcome = record_conference_log(
            by=request.user.as_actor(),
            session=data["session"],
            stays=stays,
            minutes=data["minutes"],
        )
        _message_log_outcome(request, outcome)
    return redirect("run_attendance", code)


def _message_log_outcome(request: HttpRequest, outcome: LogOutcome) -> None:
    counts = {
        "present": formats.number(outcome.present),
        "late": formats.number(outcome.late),
        "short": formats.number(outcome.too_short),
    }
    summary = _("%(present)s present, %(late)s late, %(short)s did not stay long enough.")
    messages.success(request, summary % counts)
    if outcome.unknown:
        names = ", ".join(outcome.unknown[:20])
        messages.warning(request, _("Not found in this class: %(names)s.") % {"names": names})


@allow(*RUN_MANAGERS)
@require_POST
def walk_in(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = WalkInForm(request.POST)
    with error_as_message(request, _("This person now has a seat.")):
        valid_data(form)
        # Everybody can be looked for here: so tries are few, and the audit log records misses.
        if not _may_search(request, form):
            return render(request, "429.html", status=429)
        if (trainee := form.person()) is None:
            record_unknown_walk_in(by=request.user.as_actor(), run=run, search_key=form.search_key)
            text = _("No one, or more than one person, matches this name and digits or this code.")
            raise EnrollmentError("not_found", text)
        enroll_walk_in(by=request.user.as_actor(), run=run, trainee=trainee)
    return redirect("run_attendance", code)


def _may_search(request: HttpRequest, form: WalkInForm) -> bool:
    """Only names need the second limit: three digits have a thousand values, a code too many."""
    user, name = request.user.pk, form.cleaned_data["name"]
    if form.cleaned_data["code"]:
        return WALK_INS.allows(request, user)
    return WALK_INS.allows(request, user) and WALK_INS_AS_SOMEBODY.allows(request, user, name)
