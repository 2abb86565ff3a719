"""The attendance of one session on a phone: saved by a form, or mark by mark by a script."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow
from common.errors import DomainError
from common.numbers import whole_number
from courses.models import CourseRun, Session
from enrollment.choices import Mark
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import mark_the_rest
from enrollment.services.session_marks import Saved, SentMark, mark_session
from enrollment.views.shared import run_for_staff

# Four stand side by side on a phone.
SHORT = {
    Mark.PRESENT: pgettext_lazy("short mark", "Present"),
    Mark.LATE: pgettext_lazy("short mark", "Late"),
    Mark.EXCUSED: pgettext_lazy("short mark", "Excused"),
    Mark.ABSENT: pgettext_lazy("short mark", "Absent"),
}
SENT = re.compile(r"mark-(?P<enrollment>\d+)-(?P<seen>[a-z.]*)", re.ASCII)


def chosen_session(request: HttpRequest, sessions: Sequence[Session]) -> Session | None:
    """The session in the address, else the one that attendance is taken of now."""
    wanted = request.GET.get("session")
    if wanted is None:
        return session_of_now(sessions)
    found = [one for one in sessions if one.number == whole_number(wanted)]
    if not found:
        raise Http404
    return found[0]


def session_of_now(sessions: Sequence[Session]) -> Session | None:
    """Today's that is on or next, else today's last, else the next one, else the last one."""
    now = clock.now()
    today = [one for one in sessions if _day(one) == clock.today()]
    ahead = [one for one in today or sessions if one.ends_at >= now]
    return next(iter([*ahead, *reversed(today or sessions)]), None)


def _day(session: Session) -> dt.date:
    return session.starts_at.astimezone(clock.HANOI).date()


def session_context(
    request: AuthenticatedHttpRequest,
    sessions: Sequence[Session],
    enrollments: Sequence[Enrollment],
    marks: Mapping[tuple[int, int], Attendance],
) -> dict[str, Any]:
    session = chosen_session(request, sessions)
    if session is None:
        return {}
    index = sessions.index(session)
    found = {one.pk: marks.get((one.pk, session.pk)) for one in enrollments}
    times = [mark.recorded_at for mark in found.values() if mark]
    people = [(one, mark.mark if (mark := found[one.pk]) else "") for one in enrollments]
    return {
        "session": session,
        "is_today": _day(session) == clock.today(),
        "is_future": session.starts_at > clock.now(),
        "before": sessions[index - 1] if index else None,
        "after": sessions[index + 1] if index + 1 < len(sessions) else None,
        "people": people,
        "missing": len(enrollments) - len(times),
        "saved_at": _saved_at(max(times)) if times else "",
        "short_marks": [(mark.value, label) for mark, label in SHORT.items()],
        # On a shared device nobody sends what somebody else has not saved.
        "waiting_key": f"attendance-{request.user.pk}-{session.pk}-",
    }


def _saved_at(at: dt.datetime) -> str:
    """The time, with its day unless that is today."""
    local = at.astimezone(clock.HANOI)
    return f"{local:%H:%M}" if local.date() == clock.today() else formats.instant(at)


@allow(*RUN_MANAGERS)
@require_POST
def save_session(request: AuthenticatedHttpRequest, code: str, number: int) -> HttpResponse:
    run = run_for_staff(request.user, code)
    session = get_object_or_404(run.sessions.select_related("run"), number=number)
    answers = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    by = request.user.as_actor()
    try:
        saved = mark_session(by=by, session=session, sent=list(_sent(request)))
        rest = mark_the_rest(by=by, session=session, mark=Mark.PRESENT) if _rest(request) else 0
    except DomainError as error:
        if answers:
            return JsonResponse({"error": error.message}, status=409)
        messages.error(request, error.message)
    else:
        if answers:
            return JsonResponse(_stored(session) | {"refused": saved.refused})
        _tell(request, run, saved, rest)
    return redirect(f"{reverse('run_attendance', args=[code])}?session={number}")


def _rest(request: HttpRequest) -> bool:
    return "rest" in request.POST


def _sent(request: HttpRequest) -> Iterator[SentMark]:
    """Fields are named ``mark-<enrollment>-<seen>``; only what differs from what was seen."""
    for name, value in request.POST.items():
        field = SENT.fullmatch(name)
        number = whole_number(field["enrollment"]) if field else None
        if field is None or number is None or value not in Mark.values:
            continue
        seen = frozenset(field["seen"].split("."))
        if seen != {value}:
            yield SentMark(number, Mark(value), seen)


def _stored(session: Session) -> dict[str, Any]:
    marks = {one.enrollment_id: one for one in session.attendances.all()}
    times = [one.recorded_at for one in marks.values()]
    return {
        "marks": {key: one.mark for key, one in marks.items()},
        "saved_at": _saved_at(max(times)) if times else "",
    }


def _tell(request: HttpRequest, run: CourseRun, saved: Saved, rest: int) -> None:
    count = saved.count + rest
    text = ngettext("%(count)s mark recorded.", "%(count)s marks recorded.", count)
    messages.success(request, text % {"count": formats.number(count)})
    refused = run.enrollments.filter(pk__in=saved.refused).select_related("trainee")
    names = {one.pk: one.trainee.full_name for one in refused}
    for key, reason in saved.refused.items():
        name = names.get(key, _("Somebody who is not in this class"))
        messages.warning(request, f"{name}: {reason}")
