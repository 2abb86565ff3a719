"""Forms for one thing of a run: its details, a session, a decision."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.choices import PEOPLE_MANAGERS, RUN_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import SIGNED_IN, allow
from common.errors import DomainError
from common.form_errors import domain_errors_on
from courses.choices import DecisionKind
from courses.forms import RunForm
from courses.models import CourseRun, Session
from courses.services import change_run
from courses.services.teaching import record_decision
from courses.services.timetables import add_session, lock_run
from enrollment.choices import PersonVisibility
from enrollment.forms import DecisionForm, SessionForm
from enrollment.forms.enrollments import DetailsForm
from enrollment.services.details import change_details
from enrollment.services.run_changes import audience_of, reschedule_session
from enrollment.views.enrollments import manageable_enrollment
from enrollment.views.shared import form_page, message_recipient_count, run_for_staff


def _locked_run(request: AuthenticatedHttpRequest, code: str) -> CourseRun:
    run = run_for_staff(request.user, code)
    return lock_run(run) if request.method == "POST" else run


@allow(*PEOPLE_MANAGERS)
def change_details_page(
    request: AuthenticatedHttpRequest, code: str, enrollment_id: int
) -> HttpResponse:
    """Unit, position and remarks of one person, for whoever may see all of that person."""
    enrollment = manageable_enrollment(request.user, code, enrollment_id)
    if enrollment.person_visibility != PersonVisibility.FULL:
        raise PermissionDenied
    form = DetailsForm(request.POST if request.method == "POST" else None, instance=enrollment)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            change_details(by=request.user.as_actor(), enrollment=enrollment, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("run", code)
    heading = _("Details of %(name)s") % {"name": enrollment.displayed_name}
    return form_page(request, enrollment.run, form, heading, _("Save"), back="run")


@allow(*RUN_MANAGERS)
@transaction.atomic
def change_run_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = _locked_run(request, code)
    form = RunForm(request.POST or None, instance=run)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            change_run(by=request.user.as_actor(), run=run, **form.cleaned_data)
            messages.success(request, _("Class changed."))
            return redirect("run_plan", code)
    return form_page(request, run, form, _("Change the class"), _("Save"))


@allow(*RUN_MANAGERS)
@transaction.atomic
def add_session_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = _locked_run(request, code)
    form = SessionForm(request.POST or None, initial={"day": run.starts_on})
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            add_session(by=request.user.as_actor(), run=run, **form.action())
            messages.success(request, _("Session added to the timetable."))
            return redirect("run_plan", code)
    return form_page(request, run, form, _("Add a session"), _("Add"))


@allow(*RUN_MANAGERS)
@transaction.atomic
def change_session_page(request: AuthenticatedHttpRequest, code: str, number: int) -> HttpResponse:
    run = _locked_run(request, code)
    session = get_object_or_404(run.sessions.select_related("run"), number=number)
    form = SessionForm(request.POST or None, instance=session)
    heading, question = _("Change session %(number)s") % {"number": number}, ""
    if request.method == "POST" and form.is_valid():
        try:
            return _rescheduled(request, run.sessions.get(pk=session.pk), form)
        except DomainError as error:
            if error.code == "confirm_recipients":
                form.data = {**form.data.dict(), "agreed": len(audience_of(run))}  # type: ignore[attr-defined]  # a bound form takes any mapping
                question = error.message
            else:
                form.add_error(None, error.message)
    return form_page(request, run, form, heading, _("Save"), question=question)


def _rescheduled(
    request: AuthenticatedHttpRequest, session: Session, form: SessionForm
) -> HttpResponse:
    with transaction.atomic():
        count = reschedule_session(
            by=request.user.as_actor(),
            session=session,
            agreed_recipients=form.cleaned_data["agreed"],
            **form.action(),
        )
    message_recipient_count(request, count)
    return redirect("run_plan", session.run.code)


@allow(Role.PROGRAMME_OFFICE)
@transaction.atomic
def decision_page(request: AuthenticatedHttpRequest, code: str, kind: str) -> HttpResponse:
    run = _locked_run(request, code)
    if kind not in DecisionKind.values:
        raise Http404
    existing = run.decisions.filter(kind=kind).first()
    form = DecisionForm(request.POST or None, request.FILES or None, instance=existing)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            record_decision(by=request.user.as_actor(), run=run, kind=kind, **form.cleaned_data)
            messages.success(request, _("Decision recorded."))
            return redirect("run_plan", code)
    return form_page(request, run, form, str(DecisionKind(kind).label), _("Save"))


@allow(SIGNED_IN)
def decision_file(request: AuthenticatedHttpRequest, code: str, kind: str) -> HttpResponseBase:
    run = run_for_staff(request.user, code, reading=True)
    decision = get_object_or_404(run.decisions.exclude(file=""), kind=kind)
    return FileResponse(decision.file.open("rb"), as_attachment=True)
