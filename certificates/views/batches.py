"""A run's certificates before, during and after they are issued."""

import uuid
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from certificates.choices import BatchState, SignedBy
from certificates.errors import CertificateInputError, FileLostError
from certificates.forms import SignedFilesForm, TermsForm
from certificates.models import Batch, Certificate, IssuingTerms
from certificates.services import batches, outside_signatures, proof_sheets
from certificates.services.bundles import files_of, zip_chunks
from certificates.services.issuance import without_file
from certificates.services.issuing_sample import issuing_sample
from certificates.services.notifications import (
    awaiting_notification,
    notify_holders,
    reach_of_notification,
)
from certificates.services.preflight import Preflight, issued_before, preflight
from certificates.services.register_numbers import next_numbers
from certificates.services.stored_files import opened_file, require_files
from certificates.services.terms import set_terms
from common import clock, formats
from common.access import allow
from common.errors import DomainError
from common.numbers import whole_number
from common.refusals import refusal_as_message
from courses.choices import DecisionKind
from courses.models import CourseRun
from enrollment.views.shared import run_context
from jobs.models import JobState

TONES = {
    BatchState.RUNNING: "wait",
    BatchState.PAUSED: "wait",
    BatchState.CANCELLED: "bad",
    BatchState.DONE: "good",
}
_ACTIONS = {
    "pause": batches.pause_batch,
    "resume": batches.resume_batch,
    "cancel": batches.cancel_batch,
}


@allow(*OVERSEERS)
@never_cache
def run_certificates(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    terms = IssuingTerms.objects.filter(run=run).first() or IssuingTerms(run=run)
    if request.method == "POST":
        return _act(request, run, terms)
    context = run_context(request, run) | {"terms_form": TermsForm(instance=terms)}
    try:
        checked = preflight(run)
    except DomainError as error:
        context["refusal"] = error.message
    else:
        found = [asdict(warning) for warning in checked.warnings]
        context |= {
            "checked": checked,
            "ready": len(checked.ready),
            "warnings": _by_sentence(found),
            "warned": len({warning["trainee_code"] for warning in found}),
            "unconfirmed": _unconfirmed(checked),
            "numbers": next_numbers(len(checked.ready)),
            "first": checked.ready[0].fields.full_name if checked.ready else "",
        }
    context |= {
        "issued": issued_before(run),
        "without_file": without_file(run).count(),
        "batches": [(batch, TONES[BatchState(batch.state)]) for batch in run.batches.all()],
        "recipients": awaiting_notification(run).count(),
        "reach": reach_of_notification(run),
        "signed_outside": terms.signed_by == SignedBy.OUTSIDE,
        "unsigned": outside_signatures.to_be_signed(run).count(),
        "files_form": SignedFilesForm(),
        "recognition": run.decisions.filter(kind=DecisionKind.RECOGNITION).first(),
        "today": clock.today(),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/run.html", context)


def _unconfirmed(checked: Preflight) -> int:
    lines = (*checked.held_back, *checked.warnings)
    return len({one.trainee_code for one in lines if one.code == "name_unconfirmed"})


def _act(request: AuthenticatedHttpRequest, run: CourseRun, terms: IssuingTerms) -> HttpResponse:
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        raise PermissionDenied
    with refusal_as_message(request):
        return _do(request, run, terms)
    return redirect("run_certificates", code=run.code)


def _do(request: AuthenticatedHttpRequest, run: CourseRun, terms: IssuingTerms) -> HttpResponse:
    wanted = request.POST.get("action", "")
    # Every button sends the whole form: what was chosen above it is saved first.
    has_changed = "signed_by" in request.POST and _save_terms(request, terms)
    if wanted == "start" and (has_changed or _other_number_than_shown(request, run)):
        messages.warning(request, _("Look at the sample and the numbers, then confirm again."))
        return redirect("run_certificates", code=run.code)
    if wanted == "start":
        batch = batches.start_batch(by=request.user.as_actor(), run=run, owner=request.user)
        return redirect("certificate_batch", batch_id=batch.pk)
    if wanted == "notify":
        number = whole_number(request.POST.get("confirmed"))
        confirmed = -1 if number is None else number
        sent = notify_holders(by=request.user.as_actor(), run=run, confirmed=confirmed)
        messages.success(request, _("Messages waiting to be sent: %(count)s.") % {"count": sent})
    elif wanted == "accept":
        _accept_files(request)
    return redirect("run_certificates", code=run.code)


def _other_number_than_shown(request: AuthenticatedHttpRequest, run: CourseRun) -> bool:
    """Results may have been recorded since; numbers once given cannot be taken back."""
    shown = whole_number(request.POST.get("ready"))
    return shown is not None and shown != len(preflight(run).ready)


def _save_terms(request: AuthenticatedHttpRequest, terms: IssuingTerms) -> bool:
    """Save the choice of design and signer; whether it is another one than before.

    Error: ``terms_invalid``.
    """
    form = TermsForm(request.POST, instance=terms)
    if not form.is_valid():
        lines = (f"{form.fields[name].label}: {errors[0]}" for name, errors in form.errors.items())
        raise CertificateInputError("terms_invalid", " ".join(lines))
    if form.has_changed():
        set_terms(by=request.user.as_actor(), terms=form.instance)
        messages.success(request, _("Design and signer saved."))
    return form.has_changed()


def _accept_files(request: AuthenticatedHttpRequest) -> None:
    files = ((str(file.name), file.read()) for file in request.FILES.getlist("signed_files"))
    for one in outside_signatures.accept_signed_files(by=request.user.as_actor(), files=files):
        if one.certificate:
            label = one.certificate.register_label
            messages.success(request, _("%(file)s accepted as %(number)s.") % {
                "file": one.name, "number": label,
            })  # fmt: skip
        else:
            messages.error(request, f"{one.name}: {one.message}")


@allow(*OVERSEERS)
@never_cache
def issuing_sample_file(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    try:
        content = issuing_sample(run)
    except DomainError as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(content, content_type="image/png")


@allow(*OVERSEERS)
@never_cache
def run_certificates_file(
    request: AuthenticatedHttpRequest, code: str, kind: str
) -> HttpResponseBase:
    run = get_object_or_404(CourseRun, code=code)
    if kind == "zip":
        live = Certificate.objects.live().exclude(file="").filter(completion__run=run)
        try:
            require_files(live)
        except FileLostError as error:
            messages.error(request, error.message)
            return redirect("run_certificates", code=code)
        files: Iterator[tuple[str, bytes]] = files_of(live.in_register_order().iterator())
    elif kind == "unsigned":
        files = outside_signatures.unsigned_set(run)
    else:
        raise Http404
    return StreamingHttpResponse(
        zip_chunks(files),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{run.code}-{kind}.zip"'},
    )


@allow(*OVERSEERS)
@never_cache
def batch_page(request: AuthenticatedHttpRequest, batch_id: uuid.UUID) -> HttpResponseBase:
    rows = Batch.objects.visible_to(request.user).select_related("run", "started_by")
    batch = get_object_or_404(rows, pk=batch_id)
    if request.method == "POST":
        return _move(request, batch)
    with refusal_as_message(request):
        if "merged" in request.GET and batch.merged:
            name = f"{batch.run.code}-{batch.started_at:%Y%m%d}.pdf"
            return FileResponse(_merged(batch), as_attachment=True, filename=name)
        if "proof" in request.GET and batch.merged:
            return _proof_sheets(batch)
    done, owed = batches.issued(batch).count(), batches.still_to_come(batch)
    jobs = list(batch.jobs.order_by("created_at"))
    context = {
        "batch": batch,
        "run": batch.run,
        "tone": TONES[BatchState(batch.state)],
        "warnings": _by_sentence(batch.warnings),
        "unconfirmed": batches.unconfirmed_names(batch),
        "done": done,
        "owed": owed,
        "total": done + owed,
        "how_far": f"{formats.number(done)} / {formats.number(done + owed)}",
        "jobs": jobs,
        "errors": [job.error_message for job in jobs if job.state == JobState.FAILED],
        "is_busy": batch.state == BatchState.RUNNING,
        "may_resume": batches.may_be_resumed(batch),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/batch.html", context)


def _merged(batch: Batch) -> Any:
    return opened_file(batch.merged, batch.run.code)


def _proof_sheets(batch: Batch) -> HttpResponse:
    with _merged(batch) as merged:
        sheets = proof_sheets.two_up(merged.file)
    name = f"{batch.run.code}-{batch.started_at:%Y%m%d}-in-thu.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(sheets, content_type="application/pdf", headers=headers)


def _move(request: AuthenticatedHttpRequest, batch: Batch) -> HttpResponse:
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        raise PermissionDenied
    if action := _ACTIONS.get(request.POST.get("action", "")):
        with refusal_as_message(request):
            action(by=request.user.as_actor(), batch=batch)
    return redirect("certificate_batch", batch_id=batch.pk)


def _by_sentence(warnings: list[dict[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each warning once, with the names and codes of those whom it concerns."""
    people: dict[str, list[tuple[str, str]]] = {}
    for warning in warnings:
        one = warning["full_name"], warning["trainee_code"]
        people.setdefault(warning["message"], []).append(one)
    return list(people.items())
