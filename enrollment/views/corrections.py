from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock
from common.access import allow
from common.form_errors import domain_errors_on, error_as_message, valid_data
from courses.models import CourseRun
from enrollment.forms import CorrectionForm, ExceptionForm, ResitForm, ScanForm
from enrollment.models import Completion
from enrollment.services.completion import void_completion
from enrollment.services.results import correct_completion, record_resit, record_scan
from enrollment.views.shared import form_page, run_for_staff


@allow(Role.PROGRAMME_OFFICE)
def void_result(request: AuthenticatedHttpRequest, code: str, result: int) -> HttpResponse:
    run, completion = _current_result(request.user, code, result)
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            void_completion(by=request.user.as_actor(), completion=completion, **form.cleaned_data)
            done = _("Result voided; it remains in the history with the reason.")
            messages.success(request, done)
            return redirect("run_results", code)
    heading = _("Void the result of %(name)s") % {"name": completion.trainee.full_name}
    return form_page(
        request,
        run,
        form,
        heading,
        _("Void result"),
        back="run_results",
        follows=_(
            "The person no longer counts as having completed this class, and a certificate of this "
            "result shows as revoked. A void result stays void; a new one can be recorded."
        ),
    )


@allow(Role.PROGRAMME_OFFICE)
def correct_result(request: AuthenticatedHttpRequest, code: str, result: int) -> HttpResponse:
    run, completion = _current_result(request.user, code, result)
    form = CorrectionForm(request.POST or None, request.FILES or None, completion=completion)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form), transaction.atomic():
            by, corrections = request.user.as_actor(), dict(form.cleaned_data)
            if scan := corrections.pop("document"):
                corrections["document"] = record_scan(
                    by=by, run=run, content=scan.read(), name=scan.name
                )
            correct_completion(by=by, completion=completion, **corrections)
            messages.success(
                request, _("Result corrected; the earlier one remains in the history.")
            )
            return redirect("run_results", code)
    heading = _("Correct the result of %(name)s") % {"name": completion.trainee.full_name}
    return form_page(
        request,
        run,
        form,
        heading,
        _("Correct details"),
        back="run_results",
        follows=_(
            "The current result is voided for good and a new one takes its place; a certificate "
            "of it has to be issued again."
        ),
    )


def _current_result(user: User, code: str, result: int) -> tuple[CourseRun, Completion]:
    run = run_for_staff(user, code)
    results = Completion.objects.not_voided().select_related("trainee", "run__course")
    return run, get_object_or_404(results, run=run, pk=result)


@allow(*RUN_MANAGERS)
def resit_page(request: AuthenticatedHttpRequest, code: str, enrollment_id: int) -> HttpResponse:
    run = run_for_staff(request.user, code)
    enrollments = run.enrollments.filter(state="not_completed").select_related("trainee", "run")
    enrollment = get_object_or_404(enrollments, pk=enrollment_id)
    form = ResitForm(request.POST or None, initial={"sat_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            completion = record_resit(
                by=request.user.as_actor(), enrollment=enrollment, **form.cleaned_data
            )
            if completion:
                messages.success(
                    request, _("After the re-sit this person has completed the class.")
                )
            else:
                messages.warning(
                    request, _("The re-sit is recorded, but the result is still not sufficient.")
                )
            return redirect("run_results", code)
    heading = _("Re-sit: %(name)s") % {"name": enrollment.trainee.full_name}
    return form_page(
        request,
        run,
        form,
        heading,
        _("Save re-sit"),
        back="run_results",
        follows=_(
            "The score stays on record. If it is sufficient, the person completes the class."
        ),
    )


@allow(*RUN_MANAGERS)
@require_POST
def add_scan(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = ScanForm(request.POST, request.FILES)
    with error_as_message(request, _("Scan saved.")):
        data = valid_data(form)
        record_scan(
            by=request.user.as_actor(),
            run=run,
            content=data["file"].read(),
            name=data["file"].name,
            title=data["title"],
        )
    return redirect("run_results", code)


@allow(*RUN_READERS)
def scan_file(request: AuthenticatedHttpRequest, code: str, scan: int) -> HttpResponseBase:
    run = run_for_staff(request.user, code, reading=True)
    found = get_object_or_404(run.paper_evidence, pk=scan)
    return FileResponse(found.file.open("rb"), as_attachment=True)
