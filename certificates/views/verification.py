"""Public verification by code and by file, claims and share links."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.services import Actor
from certificates.choices import CertificateState
from certificates.forms import BirthForm, ClaimForm, FileForm, NumberForm
from certificates.limits import CLAIMS, FILES, LOOK_UPS, UNKNOWN_CODES, may_try_birth
from certificates.models import Duplicate, RegisteredPaper
from certificates.services.attendance_corrections import (
    confirmation_of_file,
    confirmation_with_code,
)
from certificates.services.holders import claim
from certificates.services.printed_numbers import NumberKind, read_number
from certificates.services.share_links import shared
from certificates.services.stored_files import opened
from certificates.services.verification import (
    FileState,
    Verification,
    count_look_up,
    is_birth_of,
    normalised_code,
    verify_code,
    verify_file,
)
from certificates.views.attendance_verdicts import answer_confirmation
from certificates.views.numbers import ask_for_holder, refused_form
from certificates.views.verdicts import (
    JSON,
    VC,
    answer,
    credential_in_force,
    for_programs,
    too_many,
)
from common.access import ANYBODY, allow
from common.caching import unlisted
from common.drawn_pages import drawn_for_all
from common.refusals import refusal_as_message, refusal_on

_ANYBODY = Actor(None, "anybody")


@allow(ANYBODY)
@drawn_for_all
def verify(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _check_file(request)
    form = NumberForm(request.GET or None)
    if form.is_bound and form.is_valid():
        number = form.cleaned_data["code"]
        if number.kind == NumberKind.CODE:
            return redirect("verify_code", code=number.text)
        return ask_for_holder(request, number)
    refused = refused_form(request, form) if form.is_bound else None
    return refused or _verify_page(request, form=form)


def _check_file(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not FILES.allows(request):
        return too_many(request)
    if form.is_valid():
        with refusal_on(form, "file"):
            content = form.cleaned_data["file"].read()
            if confirmation := confirmation_of_file(content):
                return answer_confirmation(request, confirmation)
            found = verify_file(content)
            count_look_up(how="file", found=found)
            return answer(request, found, of_file=True)
    return refused_form(request, form) or _verify_page(request, file_form=form, status=400)


def _verify_page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    context = {"form": NumberForm(), "file_form": FileForm()} | forms
    return render(request, "certificates/verify.html", context, status=status)


@allow(ANYBODY)
@never_cache
@unlisted
def verify_one(request: HttpRequest, code: str) -> HttpResponse:
    """The state of the certificate with a code, and all that it prints but the birth date.

    The birth date is shown to visitors who enter it. An unknown code is answered like any other.
    """
    number = read_number(code)
    if number and number.kind in (NumberKind.SERIAL, NumberKind.REGISTER):
        return ask_for_holder(request, number)
    found, refused = _looked_up(request, code)
    if refused:
        return refused
    if found.certificate is None and (confirmation := confirmation_with_code(code)):
        return answer_confirmation(request, confirmation)
    count_look_up(how="code" if request.method != "POST" else "birth", found=found)
    if found.certificate is None:
        return answer(request, found)
    if request.method != "POST":
        return answer(request, found, asks_birth=True)
    if not may_try_birth(request, found.certificate.verification_code):
        return too_many(request)
    form = BirthForm(request.POST)
    known = form.is_valid() and is_birth_of(found.certificate, form.cleaned_data["birth"])
    if form.is_valid() and not known:
        form.add_error("birth", _("This is not the birth date printed on the certificate."))
    return answer(request, found, asks_birth=not known, birth_form=form, birth_is_known=known)


def _looked_up(request: HttpRequest, code: str) -> tuple[Verification, HttpResponse | None]:
    if not LOOK_UPS.allows(request):
        return Verification(FileState.UNKNOWN), too_many(request)
    found = verify_code(code)
    is_unknown = found.certificate is None and confirmation_with_code(code) is None
    guessed_too_often = is_unknown and not UNKNOWN_CODES.allows(request)
    return found, too_many(request) if guessed_too_often else None


@allow(ANYBODY)
@never_cache
@unlisted
@require_safe
def verify_credential(request: HttpRequest, code: str) -> HttpResponse:
    """The credential alone, for wallets that fetch an address as it is."""
    found, refused = _looked_up(request, code)
    if refused:
        return refused
    count_look_up(how="code", found=found)
    proved = credential_in_force(found)
    if proved is None:
        return for_programs({"state": str(found.state)}, JSON, 404)
    return for_programs(proved, VC)


@allow(ANYBODY)
@never_cache
@unlisted
def claim_certificate(request: HttpRequest) -> HttpResponseBase:
    form = ClaimForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method != "POST" or not form.is_valid():
        status = 400 if form.is_bound else 200
        return render(request, "certificates/claim.html", {"form": form}, status=status)
    code = normalised_code(form.cleaned_data["code"])
    if not CLAIMS.allows(request) or not may_try_birth(request, code):
        return too_many(request)
    with refusal_on(form):
        return handed_out(claim(by=_ANYBODY, code=code, birth=form.cleaned_data["birth"]))
    return render(request, "certificates/claim.html", {"form": form}, status=400)


@allow(ANYBODY)
@never_cache
def shared_certificate(request: HttpRequest, token: str) -> HttpResponseBase:
    if not LOOK_UPS.allows(request):
        return too_many(request)
    certificate = shared(token)
    if certificate is None:
        return render(request, "certificates/link_over.html", status=404)
    # As with a claim: the file of a certificate no longer valid is not handed out, its state is.
    is_in_force = certificate.public_state == CertificateState.ISSUED
    has_file = bool(certificate.file) and is_in_force
    if "file" in request.GET and has_file:
        with refusal_as_message(request):
            return handed_out(certificate)
        has_file = False
    found = verify_code(certificate.verification_code)
    count_look_up(how="link", found=found)
    return answer(request, found, shared_file=has_file)


def handed_out(paper: RegisteredPaper | Duplicate) -> FileResponse:
    """Error: ``file_lost``."""
    return FileResponse(
        opened(paper),
        as_attachment=True,
        filename=paper.file_name,
        content_type="application/pdf",
    )
