"""Actions on single enrollments: request, nominate, decide, withdraw, replace."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, allow
from common.form_errors import error_as_message
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import Approver, EnrollmentState
from enrollment.forms.enrollments import LetterForm, NominationForm, ReasonForm, ReplaceForm
from enrollment.models import Enrollment, NominationLetter
from enrollment.services.announcements import reach_of_nomination
from enrollment.services.conflicts import EnrollmentWarning, warnings_for
from enrollment.services.details import CODED_DETAILS, details_of
from enrollment.services.enrollments import (
    Nomination,
    Nominee,
    approve,
    nominate,
    reject,
    replace_nominee,
    request_enrollment,
    withdraw,
)
from enrollment.services.nominations import NextStep, next_step, record_letter
from enrollment.services.people import people_nominable_by
from enrollment.services.run_changes import CONFIRM_ABOVE
from enrollment.views.shared import form_page
from enrollment.views.taking_back import remember_given_up
from people.models import Trainee
from people.querysets import TraineeQuerySet


@allow(SIGNED_IN)
@require_POST
def ask_for_enrollment(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.announced(), code=code)
    trainee = Trainee.objects.filter(user=request.user).first()
    if trainee is None:
        raise PermissionDenied
    with error_as_message(request):
        enrollment = request_enrollment(by=request.user.as_actor(), run=run, trainee=trainee)
        state = {"state": enrollment.get_state_display()}
        messages.success(request, _("Your enrollment in this class: %(state)s.") % state)
        _warn(request, warnings_for(run, [trainee.pk]))
    return redirect("run", code)


@allow(*PEOPLE_MANAGERS)
def decide(
    request: AuthenticatedHttpRequest, code: str, enrollment_id: int, action: str
) -> HttpResponse:
    enrollment = manageable_enrollment(request.user, code, enrollment_id)
    step = next_step(enrollment)
    # Approvals that are over are refused by the service with a message.
    if step and not may_decide(request.user, step):
        raise PermissionDenied
    back = "run_seats" if request.user.has_role(Role.PROGRAMME_OFFICE) else "run"
    if action == "reject":
        return _with_reason(
            request,
            enrollment,
            reject,
            form=ReasonForm(_post_data(request), is_required=True),
            heading=_("Reject %(name)s"),
            label=_("Reject"),
            follows=_(
                "The person and the agency are notified with the reason. For a seat the person "
                "would have to be nominated again."
            ),
            done=_("Rejected."),
            back=back,
        )
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    with error_as_message(request, _("Approved.")):
        approve(by=request.user.as_actor(), enrollment=enrollment)
    return redirect(back, code)


def may_decide(user: User, step: NextStep) -> bool:
    """The office may decide for an agency, never the other way round."""
    return user.has_role(Role.PROGRAMME_OFFICE) or step.who == Approver.AGENCY


@allow(SIGNED_IN)
def withdraw_enrollment(
    request: AuthenticatedHttpRequest, code: str, enrollment_id: int
) -> HttpResponse:
    enrollment = _visible_enrollment(request.user, code, enrollment_id)
    if not Enrollment.objects.of_user(request.user.pk).filter(pk=enrollment.pk).exists():
        _require_manageable(request.user, enrollment)
    return _with_reason(
        request,
        enrollment,
        withdraw,
        form=ReasonForm(_post_data(request), is_required=False),
        heading=_("Withdraw %(name)s"),
        label=_("Withdraw"),
        follows=_leaving(enrollment),
        done=_("Enrollment cancelled."),
        back="run",
    )


def _with_reason(
    request: AuthenticatedHttpRequest,
    enrollment: Enrollment,
    action: Callable[..., Enrollment],
    *,
    form: ReasonForm,
    heading: str,
    label: str,
    follows: str,
    done: str,
    back: str,
) -> HttpResponse:
    if form.is_valid():
        with error_as_message(request, done):
            action(by=request.user.as_actor(), enrollment=enrollment, **form.cleaned_data)
            remember_given_up(request, enrollment.pk)
        return redirect(back, enrollment.run.code)
    heading = heading % {"name": enrollment.displayed_name}
    return form_page(request, enrollment.run, form, heading, label, back=back, follows=follows)


def _leaving(enrollment: Enrollment) -> str:
    """What comes of leaving the class, by what is left."""
    if enrollment.state == EnrollmentState.ENROLLED:
        return _(
            "The seat goes at once to the first person on the waiting list. If nobody is waiting, "
            "you can take it back within 15 minutes. The person and the agency are notified."
        )
    if enrollment.state == EnrollmentState.WAITLISTED:
        return _("The position is lost: after joining again it is the last of the list.")
    return _("Nobody decides on this enrollment any more. The person can be nominated again.")


def _post_data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@allow(SIGNED_IN)
def letter_file(request: AuthenticatedHttpRequest, code: str, letter: int) -> HttpResponseBase:
    letters = NominationLetter.objects.visible_to(request.user).exclude(file="")
    found = get_object_or_404(letters, pk=letter, run__code=code)
    return FileResponse(found.file.open("rb"), as_attachment=True)


@allow(*PEOPLE_MANAGERS)
def replace_page(request: AuthenticatedHttpRequest, code: str, enrollment_id: int) -> HttpResponse:
    enrollment = manageable_enrollment(request.user, code, enrollment_id)
    run, colleagues = enrollment.run, Agency.objects.related_to(enrollment.sending_agency_id)
    people = _people_not_enrolled(request.user, run).filter(agency__in=colleagues)
    form = ReplaceForm(
        _submitted_data(request), people=people, entered=_entered_values(request, "trainee")
    )
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("trainee", "reason")}
        with error_as_message(request, _("Nominee replaced.")):
            replace_nominee(by=request.user.as_actor(), enrollment=enrollment, **data)
            _warn(request, warnings_for(run, [data["trainee"].pk]))
        return redirect("run", code)
    heading = _("Replace %(name)s") % {"name": enrollment.displayed_name}
    follows = _(
        "The nominee leaves the class, and seat, position or approval pass to the replacement. "
        "Both are notified."
    )
    return _choose(request, run, form, heading, _("Replace"), follows=follows)


def _people_not_enrolled(user: User, run: CourseRun) -> TraineeQuerySet:
    people = people_nominable_by(user).exclude(enrollments__in=run.enrollments.live())
    return people.in_roster_order()


def _submitted_data(request: HttpRequest) -> Any:
    """The posted data; None while somebody is still searching for people."""
    return None if "find" in request.POST else _post_data(request)


def _entered_values(request: HttpRequest, chooser: str) -> dict[str, Any]:
    """Search text and selection so far, so that a search keeps what was selected."""
    return request.POST.dict() | {chooser: request.POST.getlist(chooser)}


def _choose(
    request: HttpRequest,
    run: CourseRun,
    form: Any,
    heading: str,
    label: str,
    question: str = "",
    follows: str = "",
) -> HttpResponse:
    words = {"form": form, "heading": heading, "label": label, "question": question}
    words["follows"] = follows
    return render(request, "enrollment/choose.html", {"run": run} | words)


def _warn(request: HttpRequest, found: Sequence[EnrollmentWarning]) -> None:
    people = Trainee.objects.filter(pk__in={warning.trainee_id for warning in found})
    names = dict(people.values_list("id", "full_name"))
    for warning in found[:20]:
        messages.warning(request, f"{names[warning.trainee_id]}: {warning.message}")


def _visible_enrollment(user: User, code: str, enrollment_id: int) -> Enrollment:
    enrollments = Enrollment.objects.visible_to(user).with_person_for(user)
    enrollments = enrollments.select_related("trainee", "run__course")
    return get_object_or_404(enrollments, pk=enrollment_id, run__code=code)


def manageable_enrollment(user: User, code: str, enrollment_id: int) -> Enrollment:
    enrollment = _visible_enrollment(user, code, enrollment_id)
    _require_manageable(user, enrollment)
    return enrollment


def _require_manageable(user: User, enrollment: Enrollment) -> None:
    if not Enrollment.objects.manageable_by(user).filter(pk=enrollment.pk).exists():
        raise PermissionDenied


def may_nominate(user: User, run: CourseRun) -> bool:
    """Coordinators within the enrollment window; the office until the class is closed."""
    if user.has_role(Role.PROGRAMME_OFFICE):
        return run.state in (RunState.OPEN, RunState.RUNNING)
    return user.has_role(Role.COORDINATOR) and run.takes_enrollment(clock.today())


@allow(*PEOPLE_MANAGERS)
def nominate_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(
        CourseRun.objects.select_related("course"),
        code=code,
        state__in=(RunState.OPEN, RunState.RUNNING),
    )
    if not may_nominate(request.user, run):
        messages.error(request, _("Enrollment in this class is closed on this date."))
        return redirect("run", code)
    form = NominationForm(
        _submitted_data(request),
        request.FILES or None,
        user=request.user,
        people=_people_not_enrolled(request.user, run),
        entered=_entered_values(request, "people"),
    )
    question = ""
    if form.is_valid() and not (question := _question_before(request, run, form)):
        with error_as_message(request):
            message_nomination(request, _nominate(request.user, run, form.cleaned_data))
            return redirect("run", code)
    heading = _("Nominate for class %(code)s") % {"code": run.code}
    return _choose(request, run, form, heading, _("Nominate"), question)


def _question_before(request: HttpRequest, run: CourseRun, form: NominationForm) -> str:
    """Asked where many would be notified, until somebody has agreed to their number."""
    data = form.cleaned_data
    reach = reach_of_nomination(run, data["people"].select_related("user"), data["agency"])
    if reach.people <= CONFIRM_ABOVE or data["agreed"] == reach.people:
        return ""
    shown = form.data = request.POST.copy()
    shown["agreed"] = str(reach.people)
    lost = [_("Choose the file of the letter again.")] if data["file"] else []
    return " ".join([reach.question, *lost])


@transaction.atomic
def _nominate(user: User, run: CourseRun, data: dict[str, Any]) -> Nomination:
    """Letter and nominees in one transaction: neither is recorded without the other."""
    agency: Agency = data["agency"]
    written = {name: data[name] for name in LetterForm.Meta.fields}
    letter = record_letter(by=user.as_actor(), run=run, agency=agency, **written)
    given = {name: data[name] for name in CODED_DETAILS}
    nominees = [Nominee(who.pk, details_of(who) | given) for who in data["people"]]
    return nominate(
        by=user.as_actor(), run=run, sending_agency=agency, nominees=nominees, letter=letter
    )


def message_nomination(request: HttpRequest, outcome: Nomination) -> None:
    counts = {
        "seated": formats.number(outcome.enrolled),
        "waiting": formats.number(outcome.waitlisted),
        "pending": formats.number(outcome.pending),
    }
    text = _(
        "%(seated)s have a seat, %(waiting)s are on the waiting list, %(pending)s "
        "are pending approval."
    )
    messages.success(request, text % counts)
    _warn(request, outcome.warnings)
