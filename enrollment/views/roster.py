"""The list of people on the page of a class."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.choices import MESSAGE_WRITERS, PEOPLE_MANAGERS, STAFF, Role
from accounts.models import User
from agencies.models import Agency
from common import clock, formats
from common.numbers import whole_number
from common.sorting import Sorting
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState, PersonVisibility
from enrollment.forms.enrollments import DetailsForm, RosterFilter
from enrollment.models import Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.details import DETAIL_FIELDS, accepts_details, shown_details
from enrollment.services.nominations import NextStep, next_step
from enrollment.services.progress import Progress, progress_of
from enrollment.views.enrollments import may_decide

PAGE_SIZE = 50
SORTED_BY = {
    "name": ("trainee__sort_key", "id"),
    "state": ("state", "trainee__sort_key", "id"),
    "agency": ("sending_agency__sort_key", "trainee__sort_key", "id"),
}
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


def roster_context(request: Any, run: CourseRun) -> dict[str, Any]:
    user: User = request.user
    enrollments = Enrollment.objects.visible_to(user).filter(run=run)
    form = RosterFilter(request.GET or None, enrollments=enrollments)
    asked = form.cleaned_data if form.is_valid() else {}
    sorting = Sorting(request.GET, SORTED_BY, default="name", kept=asked)
    found = form.narrow(enrollments, user).with_person_for(user)
    found = found.select_related("trainee", "sending_agency", "letter").order_by(*sorting.fields)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    may_export = user.has_role(*STAFF)
    rows = _rows(request, run, page)
    return {
        "tones": TONES,
        "filter_form": form,
        "narrowed": any(asked.values()),
        "states": form.states(request.GET),
        "sorting": sorting,
        "page": page,
        "query": sorting.query,
        "rows": rows,
        "bulk": _bulk(user, run, rows) if may_export else [],
        "may_export": may_export,
        "rows_missing_in_files": _rows_missing_in_files(enrollments, form) if may_export else "",
        "may_send": user.has_role(*PEOPLE_MANAGERS)
        and run.state in (RunState.OPEN, RunState.RUNNING),
    }


def _bulk(user: User, run: CourseRun, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What can be done to several of these people at once: action, label."""
    if not rows:
        return []
    acts = any(row["actions"] for row in rows)
    found = []
    if any(row["actions"].get("decide") for row in rows):
        found.append(("approve", _("Approve")))
    if user.has_role(*MESSAGE_WRITERS):
        found.append(("message", _("Write a message")))
    found.append(("export", _("Export (Excel)")))
    if acts:
        found += [("move", _("Move to another class…")), ("withdraw", _("Withdraw…"))]
    return found


def _rows(request: HttpRequest, run: CourseRun, page: Iterable[Enrollment]) -> list[dict[str, Any]]:
    user: User = request.user  # type: ignore[assignment]  # only who signed in comes here
    enrollments = list(page)
    is_waiting = any(enrollment.waiting_number for enrollment in enrollments)
    positions = _queue_positions(run) if is_waiting else {}
    senders = _senders_to_act_for(user) if enrollments else ()
    progress = progress_of(run) if enrollments and run.is_running and not run.is_self_paced else {}
    edited = whole_number(request.GET.get("edit"))
    return [_row(user, run, one, senders, positions, progress, edited) for one in enrollments]


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
    progress: Mapping[int, Progress],
    edited: int | None,
) -> dict[str, Any]:
    # Saves a query per row: all belong to this run.
    enrollment.run = run
    step = next_step(enrollment)
    may_act = senders is None or enrollment.sending_agency_id in senders
    is_waiting = enrollment.state == EnrollmentState.WAITLISTED
    is_seated = enrollment.state == EnrollmentState.ENROLLED
    actions = _actions(user, enrollment, step) if may_act else {}
    return {
        "enrollment": enrollment,
        "details": _details(enrollment),
        "step": step,
        "actions": actions,
        "position": positions.get(enrollment.waiting_number) if is_waiting else None,
        "progress": progress.get(enrollment.pk, progress.get(0)) if is_seated else None,
        "is_named": enrollment.person_visibility == PersonVisibility.FULL and user.has_role(*STAFF),
        "details_form": DetailsForm(instance=enrollment)
        if edited == enrollment.pk and actions.get("edit")
        else None,
    }


def _rows_missing_in_files(enrollments: EnrollmentQuerySet, form: RosterFilter) -> str:
    named, rows = enrollments.named().count(), form.total
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
    in_time = user.has_role(Role.PROGRAMME_OFFICE) or not run.is_over
    if enrollment.state not in LIVE or not (accepts_details(run) and in_time):
        return {}
    return {
        "decide": step is not None and may_decide(user, step),
        "replace": clock.today() < run.starts_on,
        "edit": enrollment.person_visibility == PersonVisibility.FULL,
        "withdraw": True,
    }


def _details(enrollment: Enrollment) -> dict[str, str]:
    """What the enrollment says, else the person's record for whoever may see all of it."""
    if enrollment.person_visibility == PersonVisibility.FULL:
        return shown_details(enrollment, enrollment.trainee)
    return {name: getattr(enrollment, name) for name in DETAIL_FIELDS}
