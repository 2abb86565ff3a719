"""Whose signatures from outside are believed, for each issuing body."""

import base64

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from certificates.forms import CertificateFileForm, ComparedForm
from certificates.models import IssuingBody, SignerCertificate
from certificates.services.signer_certificates import (
    end_certificate,
    enter_certificate,
    read_certificate,
)
from common.access import allow
from common.public_text import ReasonForm
from common.refusals import refusal_as_message, refusal_on


@allow(*OVERSEERS)
@never_cache
def certificate_list(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    body = get_object_or_404(IssuingBody, pk=pk)
    if request.method != "POST":
        return _page(request, body, CertificateFileForm())
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        raise PermissionDenied
    return _enter(request, body) if "der" in request.POST else _show_uploaded(request, body)


def _show_uploaded(request: AuthenticatedHttpRequest, body: IssuingBody) -> HttpResponse:
    form = CertificateFileForm(request.POST, request.FILES)
    if form.is_valid():
        with refusal_on(form, "file"):
            found = read_certificate(form.cleaned_data["file"].read())
            der = base64.b64encode(found.der).decode()
            return _compare_page(request, body, found, ComparedForm(initial={"der": der}))
    return _page(request, body, form, status=400)


def _enter(request: AuthenticatedHttpRequest, body: IssuingBody) -> HttpResponse:
    form = ComparedForm(request.POST)
    if form.is_valid() or "der" in form.cleaned_data:
        with refusal_as_message(request):
            # Read once more: what comes back from a page may have been changed on the way.
            found = read_certificate(form.cleaned_data["der"])
            if not form.is_valid():
                return _compare_page(request, body, found, form, status=400)
            enter_certificate(by=request.user.as_actor(), body=body, certificate=found)
            messages.success(request, _("Certificate added."))
    else:
        messages.error(request, _("Upload the certificate again."))
    return redirect("signer_certificates", pk=body.pk)


def _compare_page(
    request: HttpRequest,
    body: IssuingBody,
    found: SignerCertificate,
    form: ComparedForm,
    status: int = 200,
) -> HttpResponse:
    context = {"body": body, "form": form, "found": found}
    return render(request, "certificates/signer_certificate_compare.html", context, status=status)


def _page(
    request: AuthenticatedHttpRequest,
    body: IssuingBody,
    form: CertificateFileForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "body": body,
        "form": form,
        "entries": body.signer_certificates.all(),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/signer_certificates.html", context, status=status)


@allow(Role.PROGRAMME_OFFICE)
@never_cache
def end_entry(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(SignerCertificate.objects.select_related("body"), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            end_certificate(by=request.user.as_actor(), entry=entry, **form.cleaned_data)
            messages.success(request, _("The certificate is no longer trusted."))
            return redirect("signer_certificates", pk=entry.body_id)
    context = {"entry": entry, "body": entry.body, "form": form}
    status = 400 if request.method == "POST" else 200
    return render(request, "certificates/signer_certificate_end.html", context, status=status)
