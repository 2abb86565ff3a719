"""What has to be done next about a class, for whoever may do it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import RUN_MANAGERS, Role
from accounts.models import User
from common import clock, formats
from common.registries import steps_after_closing
from courses.choices import RunState
from courses.models import CourseRun, Session


@dataclass(frozen=True, slots=True)
class Step:
    """``label`` is its button's, which leads to ``href``; neither where one has to wait."""

    text: str
    label: str = ""
    href: str = ""


def next_step_of(user: User, run: CourseRun) -> Step | None:
    if run.is_outside:
        return None
    if run.state == RunState.CLOSED:
        return _after_closing(user, run)
    if not user.has_role(*RUN_MANAGERS):
        return None
    if run.state == RunState.DRAFT:
        text = _("This class is a draft: nobody else sees it yet")
        return Step(text, _("Open for enrollment"), reverse("run_plan", args=[run.code]))
    if run.is_over:
        text = _("The class is over: close it to record its results")
        return Step(text, _("View the results"), reverse("run_results", args=[run.code]))
    if run.state in (RunState.OPEN, RunState.RUNNING):
        return _of_open_run(user, run)
    return None


def _of_open_run(user: User, run: CourseRun) -> Step | None:
    ahead = run.sessions.filter(ends_at__gte=clock.now()).order_by("starts_at").first()
    if ahead and ahead.starts_at.astimezone(clock.HANOI).date() == clock.today():
        text = _("Attendance of %(session)s, today %(hours)s")
        address = reverse("run_attendance", args=[run.code])
        values = {"session": _name(ahead), "hours": formats.hours(ahead.starts_at, ahead.ends_at)}
        return Step(text % values, _("Take attendance"), address)
    pending = run.enrollments.pending_approval().count()
    if pending and user.has_role(Role.PROGRAMME_OFFICE):
        text = ngettext(
            "%(count)s person is waiting for approval",
            "%(count)s people are waiting for approval",
            pending,
        ) % {"count": formats.number(pending)}
        return Step(text, _("Decide"), reverse("run_seats", args=[run.code]))
    if ahead is None:
        return None
    values = {"session": _name(ahead), "day": formats.day(ahead.starts_at)}
    return Step(_("Next: %(session)s on %(day)s") % values)


def _name(session: Session) -> str:
    return _("session %(number)s") % {"number": session.number}


def _after_closing(user: User, run: CourseRun) -> Step | None:
    for _name_of, find in steps_after_closing:
        if found := find(user, run):
            return Step(*found)
    return None
