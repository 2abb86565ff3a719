"""Public verification, claims, share links, and what is published to verify without us."""

import json
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from audit.services import Actor
from certificates.choices import CertificateState
from certificates.forms import BirthForm, ClaimForm, CodeForm, FileForm
from certificates.limits import CLAIMS, FILES, LOOK_UPS, UNKNOWN_CODES, may_try_birth
from certificates.models import Certificate
from certificates.pdf import CertificateFields
from certificates.services.holders import claim
from certificates.services.keys import published_certificates, published_did
from certificates.services.share_links import shared
from certificates.services.status_lists import published_status_list
from certificates.services.verification import (
    Evidence,
    FileState,
    Verification,
    count_look_up,
    is_birth_of,
    normalised_code,
    verify_code,
    verify_file,
)
from common import clock, formats
from common.access import ANYBODY, allow
from common.caching import storable, unlisted
from common.errors import DomainError
from common.refusals import refusal_on

_ANYBODY = Actor(None, "anybody")


@allow(ANYBODY)
def verify(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _check_file(request)
    form = CodeForm(request.GET or None)
    if form.is_bound and form.is_valid():
        if code := normalised_code(form.cleaned_data["code"]):
            return redirect("verify_code", code=code)
        form.add_error("code", _("A code consists of letters and digits."))
    return _verify_page(request, form=form)


def _check_file(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not FILES.allows(request):
        return render(request, "429.html", status=429)
    if not form.is_valid():
        return _verify_page(request, file_form=form, status=400)
    with refusal_on(form, "file"):
        found = verify_file(form.cleaned_data["file"].read())
        count_look_up(how="file", found=found)
        return _answer(request, found, of_file=True)
    return _verify_page(request, file_form=form, status=400)


def _verify_page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    context = {"form": CodeForm(), "file_form": FileForm()} | forms
    return render(request, "certificates/verify.html", context, status=status)


@allow(ANYBODY)
@never_cache
@unlisted
def verify_one(request: HttpRequest, code: str) -> HttpResponse:
    """The state of the certificate with a code, and all that it prints but the birth date.

    The birth date is shown to visitors who enter it. An unknown code is answered like any other.
    """
    if not LOOK_UPS.allows(request):
        return render(request, "429.html", status=429)
    found = verify_code(code)
    if found.certificate is None and not UNKNOWN_CODES.allows(request):
        return render(request, "429.html", status=429)
    count_look_up(how="code" if request.method != "POST" else "birth", found=found)
    if found.certificate is None:
        return _answer(request, found)
    if request.method != "POST":
        return _answer(request, found, birth_form=BirthForm())
    if not may_try_birth(request, found.certificate.verification_code):
        return render(request, "429.html", status=429)
    form = BirthForm(request.POST)
    known = form.is_valid() and is_birth_of(found.certificate, form.cleaned_data["birth"])
    if form.is_valid() and not known:
        form.add_error("birth", _("This is not the birth date printed on the certificate."))
    return _answer(request, found, birth_form=form, birth_is_known=known)


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
        return render(request, "429.html", status=429)
    with refusal_on(form):
        return handed_out(claim(by=_ANYBODY, code=code, birth=form.cleaned_data["birth"]))
    return render(request, "certificates/claim.html", {"form": form}, status=400)


@allow(ANYBODY)
@never_cache
def shared_certificate(request: HttpRequest, token: str) -> HttpResponseBase:
    if not LOOK_UPS.allows(request):
        return render(request, "429.html", status=429)
    certificate = shared(token)
    if certificate is None:
        return render(request, "certificates/link_over.html", status=404)
    # As with a claim: the file of a certificate no longer valid is not handed out, its state is.
    is_in_force = certificate.public_state == CertificateState.ISSUED
    has_file = bool(certificate.file) and is_in_force
    if "file" in request.GET and has_file:
        return handed_out(certificate)
    found = verify_code(certificate.verification_code)
    count_look_up(how="link", found=found)
    return _answer(request, found, shared_file=has_file)


def handed_out(certificate: Certificate) -> FileResponse:
    return FileResponse(
        certificate.file.open("rb"),
        as_attachment=True,
        filename=certificate.file_name,
        content_type="application/pdf",
    )


# For programs ---------------------------------------------------------------------------


@allow(ANYBODY)
@storable(why="public data for programs, the same for everybody")
def status_list(request: HttpRequest, register: str, year: int) -> HttpResponse:
    try:
        listed = published_status_list(register, year)
    except DomainError as error:
        return JsonResponse({"error": error.message}, status=404)
    return _published(listed, "application/vc")


@allow(ANYBODY)
@storable(why="public keys, the same for everybody")
def did_document(request: HttpRequest) -> HttpResponse:
    return _published(published_did(), "application/did+json")


@allow(ANYBODY)
def signing_certificates(request: HttpRequest) -> HttpResponse:
    return HttpResponse(published_certificates(), content_type="application/x-pem-file")


def _published(document: dict[str, Any], kind: str) -> HttpResponse:
    content = json.dumps(document, ensure_ascii=False)
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"},
    )


_TONES = {
    FileState.VALID: "good",
    FileState.SUPERSEDED: "wait",
    FileState.REVOKED: "bad",
    FileState.ALTERED: "bad",
    FileState.UNKNOWN: "bad",
}


def _answer(
    request: HttpRequest,
    found: Verification,
    *,
    of_file: bool = False,
    birth_form: BirthForm | None = None,
    birth_is_known: bool = False,
    shared_file: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "state": str(found.state),
        "tone": _TONES[found.state],
        "verdict": found.state.label,
        "explanation": _explanation(found, of_file=of_file),
        "checks": _checks(found),
        "differences": found.differences,
        "of_file": of_file,
        "shared_file": shared_file,
        "looked_at": formats.instant(clock.now()),
    }
    if certificate := found.certificate:
        fields = CertificateFields.from_json(certificate.printed)
        context |= {
            "certificate": certificate,
            "printed": printed(fields, with_birth=birth_is_known),
            "birth_form": birth_form if fields.birth and not birth_is_known else None,
            "successor": certificate.superseded_by,
            "predecessor": getattr(certificate, "supersedes", None),
        }
    status = 404 if found.state is FileState.UNKNOWN and not of_file else 200
    return render(request, "certificates/verified.html", context, status=status)


_TONES_OF_CHECKS = {True: "good", False: "bad", None: ""}


def _checks(found: Verification) -> list[tuple[str, str, str]]:
    evidence = found.evidence
    if evidence is None:
        known = found.certificate is not None
        how = _("The code is in our register.") if known else _("The code is not in our register.")
        return [(_("Register"), how, _TONES_OF_CHECKS[known]), *_signed_outside(found)]
    same = evidence.hash_matches
    register = _("same as in the register") if same else _("not in the register")
    credential = {
        True: _("signed with our key"),
        False: _("ours, but its content was changed"),
        None: _("not ours"),
    }[evidence.credential]
    return [
        (_("Fingerprint (SHA-256)"), register, _TONES_OF_CHECKS[same]),
        *((same and _signed_outside(found)) or [_own_signature(evidence)]),
        (_("Embedded credential"), credential, _TONES_OF_CHECKS[evidence.credential]),
    ]


def _own_signature(evidence: Evidence) -> tuple[str, str, str]:
    text = {
        True: _("intact, covers the whole file, signed with our key"),
        False: _("ours, but broken by a later change"),
        None: _("not signed with our key"),
    }[evidence.signature]
    if evidence.signature:
        text = f"{text}: {evidence.signer}, {evidence.signed_at[:10]}"
    return _("Signature"), text, _TONES_OF_CHECKS[evidence.signature]


def _signed_outside(found: Verification) -> list[tuple[str, str, str]]:
    certificate = found.certificate
    if certificate is None or certificate.trusted_by is None:
        return []
    entry = certificate.trusted_by
    values = {
        "signer": certificate.outside_signer,
        "body": entry.body.name,
        "authority": entry.subject,
        "day": formats.instant(entry.ended_at),
    }
    text = (
        _("by %(signer)s, under the authority %(authority)s, added for %(body)s")
        if entry.is_authority
        else _("by %(signer)s, whose certificate was added for %(body)s")
    ) % values
    if entry.ended_at:
        ended = _("trust ended on %(day)s, after the signature") % values
        text = f"{text}; {ended}"
    return [(_("Signed externally"), text, "good")]


def _explanation(found: Verification, *, of_file: bool) -> str:
    match found.state:
        case FileState.VALID:
            if of_file:
                return _("This is the original file, byte for byte.")
            return _("This certificate was issued by us and is valid.")
        case FileState.SUPERSEDED:
            return _("This certificate has been replaced by a corrected one.")
        case FileState.REVOKED:
            return _revocation(found.certificate)
        case FileState.ALTERED if found.certificate is None:
            return _(
                "The file contains part of one of our certificates, but is not a "
                "certificate itself."
            )
        case FileState.ALTERED:
            return _("The file contains our code, but its content differs from what was issued.")
    if of_file:
        return _("We did not issue this file: it does not contain a verification code of ours.")
    return _("No certificate has this code. Compare it with the printed one.")


def _revocation(certificate: Certificate | None) -> str:
    if certificate is None or certificate.revoked_at is None:
        return _("The result on which this certificate is based has been voided.")
    return _("Revoked on %(day)s: %(reason)s") % {
        "day": formats.day(formats.local_day(certificate.revoked_at)),
        "reason": certificate.revocation_reason,
    }


def printed(fields: CertificateFields, *, with_birth: bool) -> list[tuple[str, str]]:
    duration = formats.days(fields.starts_on, fields.ends_on)
    decision = ", ".join(filter(None, (fields.decision_number, formats.day(fields.decision_date))))
    pairs = [
        (_("Full name"), fields.full_name),
        (_("Birth date"), fields.birth_text if with_birth else ""),
        (_("Position"), fields.position),
        (_("Unit"), fields.unit),
        (_("Agency"), fields.agency),
        (_("Course"), fields.course_title),
        (_("Course, in English"), fields.course_title_en),
        (_("Class"), fields.run_code),
        (_("Periods"), str(fields.periods or "")),
        (_("From – to"), duration),
        (_("Grade"), fields.grade),
        (_("Serial number"), fields.serial_number),
        (_("Register number"), fields.register_number),
        (_("Decision"), decision),
        (_("Issuing body"), ", ".join(filter(None, (fields.parent_body, fields.issuing_body)))),
        (_("Place and date"), f"{fields.place}, {formats.day(fields.issued_on)}".lstrip(", ")),
        (_("Signed by"), ", ".join((*fields.authority, fields.signer_name))),
    ]
    return [(label, text) for label, text in pairs if text]
