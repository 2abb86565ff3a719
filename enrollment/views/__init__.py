"""The page of a run, in this app since it shows who is enrolled."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.choices import MESSAGE_WRITERS, PEOPLE_MANAGERS, RUN_MANAGERS, STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, allow
from courses.choices import CalendarScope, RunState
from courses.models import CourseRun
from courses.views import completion_rule_of_run, run_facts
from enrollment.choices import EnrollmentState, PersonVisibility
from enrollment.forms import MaterialForm
from enrollment.forms.enrollments import ReasonForm
from enrollment.models import Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.calendars import may_read
from enrollment.services.details import DETAIL_FIELDS, shown_details
from enrollment.services.nominations import NextStep, next_step
from enrollment.views.enrollments import may_decide, may_nominate
from enrollment.views.materials import may_open_materials
from enrollment.views.seats import own_enrollment
from enrollment.views.shared import require_announced, run_context
from enrollment.views.taking_back import seats_to_take_back

PAGE_SIZE = 50
PENDING = (EnrollmentState.NOMINATED, EnrollmentState.REQUESTED)
LIVE = (*PENDING, EnrollmentState.ENROLLED, EnrollmentState.WAITLISTED)
TONES = {
    EnrollmentState.ENROLLED: "good",
    EnrollmentState.COMPLETED: "good",
    EnrollmentState.NOMINATED: "wait",
    EnrollmentState.REQUESTED: "wait",
    EnrollmentState.APPROVED: "wait",
    EnrollmentState.WAITLISTED: "wait",
    EnrollmentState.NOT_COMPLETED: "bad",
    EnrollmentState.REJECTED: "bad",
}


@allow(SIGNED_IN)
def run_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    require_announced(run, request.user)
    enrollments = (
        Enrollment.objects.visible_to(request.user)
        .filter(run=run)
        .with_person_for(request.user)
        .select_related("trainee", "sending_agency", "letter")
        .in_roster_order()
    )
    tabs = _tabs(request, run)
    # Whoever sees the staff's tabs may open materials without a query of their own.
    may_open = bool(tabs) or may_open_materials(request.user, run)
    page = Paginator(enrollments, PAGE_SIZE).get_page(request.GET.get("page"))
    may_export = request.user.has_role(*STAFF)
    context = run_facts(run) | own_enrollment(request.user, run)
    context |= {
        "tones": TONES,
        "run": run,
        "course": run.course,
        "rule": completion_rule_of_run(run),
        "trainers": run.trainers.select_related("user"),
        "sessions": run.sessions.all(),
        "may_subscribe": may_read(request.user, CalendarScope.RUN, run),
        "decisions": run.decisions.all(),
        "page": page,
        "rows": _rows(request.user, run, page),
        "may_export": may_export,
        "rows_missing_in_files": _rows_missing_in_files(enrollments, page) if may_export else "",
        "tabs": tabs,
        "may_open": may_open,
        "materials": run.materials.order_by("added_at") if may_open else [],
        "material_form": MaterialForm() if tabs and request.user.has_role(*RUN_MANAGERS) else None,
        "may_write": request.user.has_role(*MESSAGE_WRITERS)
        and (bool(tabs) or enrollments.messageable_by(request.user).exists()),
        "may_request": _may_request(request.user, run),
        "may_send": request.user.has_role(*PEOPLE_MANAGERS)
        and run.state in (RunState.OPEN, RunState.RUNNING),
        "leave_form": ReasonForm(is_required=False, auto_id="leave_%s"),
        "to_take_back": seats_to_take_back(request, run),
        "may_nominate": may_nominate(request.user, run),
    }
    return render(request, "enrollment/run.html", context)


def _tabs(request: AuthenticatedHttpRequest, run: CourseRun) -> list[dict[str, Any]]:
    teaches = (
        request.user.has_role(Role.TRAINER) and run.trainers.filter(user=request.user).exists()
    )
    return run_context(request, run)["tabs"] if teaches or request.user.reads_everything else []


def _may_request(user: User, run: CourseRun) -> bool:
    return (
        run.takes_enrollment(clock.today())
        and user.has_role(Role.TRAINEE)
        and not run.enrollments.live().of_user(user.pk).exists()
    )


def _rows(user: User, run: CourseRun, page: Iterable[Enrollment]) -> list[dict[str, Any]]:
    enrollments = list(page)
    is_waiting = any(enrollment.waiting_number for enrollment in enrollments)
    positions = _queue_positions(run) if is_waiting else {}
    senders = _senders_to_act_for(user) if enrollments else ()
    return [_row(user, run, one, senders, positions) for one in enrollments]


def _senders_to_act_for(user: User) -> Collection[int] | None:
    """The senders for whom one may act; None for all."""
    if user.has_role(Role.PROGRAMME_OFFICE):
        return None
    if not user.has_role(Role.COORDINATOR):
        return ()
    return set(Agency.objects.manageable_by(user).values_list("pk", flat=True))


def _row(
    user: User,
    run: CourseRun,
    enrollment: Enrollment,
    senders: Collection[int] | None,
    positions: Mapping[int | None, int],
) -> dict[str, Any]:
    # Saves a query per row: all belong to this run.
    enrollment.run = run
    step = next_step(enrollment)
    may_act = senders is None or enrollment.sending_agency_id in senders
    is_waiting = enrollment.state == EnrollmentState.WAITLISTED
    return {
        "enrollment": enrollment,
        "details": _details(enrollment),
        "step": step,
        "actions": _actions(user, enrollment, step) if may_act else {},
        "position": positions.get(enrollment.waiting_number) if is_waiting else None,
    }


def _rows_missing_in_files(enrollments: EnrollmentQuerySet, page: Page[Enrollment]) -> str:
    named, rows = enrollments.named().count(), page.paginator.count
    if named == rows:
        return ""
    return _(
        "The files contain %(named)s of these %(rows)s rows: they leave out people who "
        "were rejected, withdrawn or cancelled, and people whose data were erased."
    ) % {"named": formats.number(named), "rows": formats.number(rows)}


def _queue_positions(run: CourseRun) -> dict[int | None, int]:
    numbers = run.enrollments.waiting().values_list("waiting_number", flat=True)
    return {number: at for at, number in enumerate(numbers, start=1)}


def _actions(user: User, enrollment: Enrollment, step: NextStep | None) -> dict[str, bool]:
    run = enrollment.run
    is_open = run.state in (RunState.OPEN, RunState.RUNNING)
    in_time = user.has_role(Role.PROGRAMME_OFFICE) or not run.is_over
    if enrollment.state not in LIVE or not (is_open and in_time):
        return {}
    return {
        "decide": step is not None and may_decide(user, step),
        "replace": clock.today() < run.starts_on,
        "withdraw": True,
    }


def _details(enrollment: Enrollment) -> dict[str, str]:
    """What the enrollment says, else the person's record for whoever may see all of it."""
    if enrollment.person_visibility == PersonVisibility.FULL:
        return shown_details(enrollment, enrollment.trainee)
    return {name: getattr(enrollment, name) for name in DETAIL_FIELDS}
