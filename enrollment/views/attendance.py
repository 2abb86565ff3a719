"""The attendance grid, the sheet to print, the log of a conference, walk-ins."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common import clock, formats
from common.access import open_to
from common.errors import DomainError
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.forms import ConferenceLogForm, WalkInForm
from enrollment.models import Attendance, Enrollment
from enrollment.pdf import attendance_sheet
from enrollment.services.attendance import mark_one, places_to_mark
from enrollment.services.conference import record_conference_log
from enrollment.services.seats import enter_walk_in
from enrollment.sheets.conference import read_conference_log
from enrollment.views.shared import KEEPERS, READERS, frame, run_kept_by, told
from people.models import Trainee

SYMBOLS = {Mark.PRESENT: "✓", Mark.LATE: "M", Mark.EXCUSED: "P", Mark.ABSENT: "✗"}
NEXT = {
    "": Mark.PRESENT,
    Mark.PRESENT: Mark.LATE,
    Mark.LATE: Mark.EXCUSED,
    Mark.EXCUSED: Mark.ABSENT,
    Mark.ABSENT: Mark.PRESENT,
}


@open_to(*READERS)
def attendance_page(request: HttpRequest, code: str) -> HttpResponse:
    """A row per person, a column per session, a mark in each cell that a click changes."""
    user: Any = request.user
    run = run_kept_by(user, code, reading=True)
    context = frame(request, run) | _grid(run, may_mark=_may_mark(user, run))
    if context["may_mark"]:
        context["log_form"] = ConferenceLogForm(sessions=run.sessions.order_by("number"))
        context["walk_in_form"] = WalkInForm() if run.course.walk_ins_allowed else None
    return render(request, "enrollment/attendance.html", context)


def _may_mark(user: Any, run: CourseRun) -> bool:
    return user.has_role(*KEEPERS) and run.state not in (RunState.CLOSED, RunState.CANCELLED)


def _grid(run: CourseRun, *, may_mark: bool) -> dict[str, Any]:
    now = clock.now()
    sessions = list(run.sessions.order_by("number"))
    marks: dict[tuple[int, int], tuple[str, bool]] = {}
    rows = Attendance.objects.filter(enrollment__run=run)
    for place, session, mark, earlier in rows.values_list(
        "enrollment_id", "session_id", "mark", "earlier"
    ):
        marks[place, session] = (mark, bool(earlier))
    nothing = ("", False)
    return {
        "may_mark": may_mark,
        "sessions": [
            {
                "number": s.number,
                "day": f"{s.starts_at.astimezone(clock.HANOI):%d/%m}",
                "pk": s.pk,
                "begun": s.starts_at <= now,
            }
            for s in sessions
        ],
        "rows": [
            {
                "name": place.trainee.full_name,
                "cells": [
                    cell(place.pk, s.pk, *marks.get((place.pk, s.pk), nothing), s.starts_at <= now)
                    for s in sessions
                ],
            }
            for place in places_to_mark(run)
        ],
    }


def cell(place: int, session: int, mark: str, changed: bool, begun: bool) -> dict[str, Any]:
    """One cell of the grid: what it shows, and what a click sends."""
    return {
        "id": f"m-{place}-{session}",
        "value": f"{place}-{session}-{NEXT[mark]}",
        "mark": mark,
        "symbol": SYMBOLS.get(Mark(mark), "") if mark else "·",
        "words": str(Mark(mark).label) if mark else _("no mark"),
        "changed": changed,
        "begun": begun,
    }


@open_to(*KEEPERS)
@require_POST
def mark_attendance(request: HttpRequest, code: str) -> HttpResponse:
    """One mark; htmx gets the cell anew, a plain form the whole grid."""
    user: Any = request.user
    try:
        place, session, mark = request.POST.get("cell", "").split("-")
        wanted = Mark(mark)
        marked = mark_one(
            by=user.as_actor(),
            among=Enrollment.objects.filter(run__code=code).markable_by(user),
            enrollment_id=int(place),
            session_id=int(session),
            mark=wanted,
        )
    except ValueError as error:
        raise Http404 from error
    except DomainError as error:
        return _refused(request, code, error)
    if marked is None:
        raise Http404
    if not getattr(request, "htmx", False):
        return redirect("run_attendance", code)
    context = {
        "cell": cell(int(place), int(session), marked.mark, marked.changed, True),
        "may_mark": True,
        "mark_address": request.path,
    }
    return render(request, "enrollment/attendance_cell.html", context)


def _refused(request: HttpRequest, code: str, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    response = redirect("run_attendance", code)
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204, headers={"HX-Refresh": "true"})  # type: ignore[assignment]  # an answer without a page
    return response


@open_to(*READERS)
def attendance_sheet_file(request: HttpRequest, code: str) -> HttpResponse:
    """The sheet to sign: A4, a signature column per session."""
    run = run_kept_by(request.user, code, reading=True)
    name = f"attendance-{run.code}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(attendance_sheet(run), content_type="application/pdf", headers=headers)


@open_to(*KEEPERS)
@require_POST
def conference_log(request: HttpRequest, code: str) -> HttpResponse:
    """Take in the log of an online session."""
    user: Any = request.user
    run = run_kept_by(user, code)
    form = ConferenceLogForm(
        request.POST, request.FILES, sessions=run.sessions.select_related("run")
    )
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("run_attendance", code)
    data = form.cleaned_data
    with told(request):
        stays = read_conference_log(data["file"].read(), zone=data["zone"])
        outcome = record_conference_log(
            by=user.as_actor(), session=data["session"], stays=stays, minutes=data["minutes"]
        )
        counts = {
            "present": formats.number(outcome.present),
            "late": formats.number(outcome.late),
            "short": formats.number(outcome.too_short),
        }
        summary = _("%(present)s present, %(late)s late, %(short)s stayed too short.") % counts
        messages.success(request, summary)
        if outcome.unknown:
            names = ", ".join(outcome.unknown[:20])
            messages.warning(request, _("Not found in this class: %(names)s.") % {"names": names})
    return redirect("run_attendance", code)


@open_to(*KEEPERS)
@require_POST
def walk_in(request: HttpRequest, code: str) -> HttpResponse:
    """Enter somebody who came without nomination."""
    user: Any = request.user
    run = run_kept_by(user, code)
    trainee = Trainee.objects.filter(code__iexact=request.POST.get("code", "").strip()).first()
    if trainee is None:
        messages.error(request, _("Nobody has this trainee code."))
        return redirect("run_attendance", code)
    with told(request, _("The person holds a seat now.")):
        enter_walk_in(by=user.as_actor(), run=run, trainee=trainee)
    return redirect("run_attendance", code)
