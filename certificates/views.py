"""Certificates: their files for those who may have them, their state for everybody."""

import datetime as dt
import uuid
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import Role
from certificates.forms import BirthForm, CodeForm, FileForm
from certificates.models import Certificate
from certificates.pdf import CertificateFields
from certificates.services.verifying import (
    FileState,
    Verification,
    normalised_code,
    verify_code,
    verify_file,
)
from common import formats, throttle
from common.access import ANYBODY, SIGNED_IN, open_to
from common.errors import DomainError

_MINUTE, _TEN_MINUTES = 60, 600


@open_to(SIGNED_IN)
@never_cache
def certificate_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The file as it was issued, for its owner and those who may see the certificate."""
    certificate = get_object_or_404(
        Certificate.objects.visible_to(request.user).exclude(file=""), verification_code=code
    )
    name = f"{certificate.register}-{certificate.year}-{certificate.register_number:04d}.pdf"
    return FileResponse(
        certificate.file.open("rb"),
        as_attachment=True,
        filename=name,
        content_type="application/pdf",
    )


@open_to(ANYBODY)
def verify(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in, or a file is handed over to be compared."""
    if request.method == "POST":
        return _check_file(request)
    form = CodeForm(request.GET or None)
    if form.is_bound and form.is_valid():
        if code := normalised_code(form.cleaned_data["code"]):
            return redirect("verify_code", code=code)
        form.add_error("code", _("A code is made of letters and digits."))
    return _verify_page(request, form=form)


def _check_file(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not throttle.allows("verify_file", throttle.visitor(request), times=20, seconds=_MINUTE):
        return render(request, "429.html", status=429)
    if not form.is_valid():
        return _verify_page(request, file_form=form, status=400)
    try:
        found = verify_file(form.cleaned_data["file"].read())
    except DomainError as error:
        form.add_error("file", error.message)
        return _verify_page(request, file_form=form, status=400)
    return _answer(request, found, of_file=True)


def _verify_page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    context = {"form": CodeForm(), "file_form": FileForm()} | forms
    return render(request, "certificates/verify.html", context, status=status)


@open_to(ANYBODY)
@never_cache
def verify_one(request: HttpRequest, code: str) -> HttpResponse:
    """The state of the certificate that bears a code, with everything that it prints.

    The birth date is shown only to somebody who knows it. An unknown code is answered like
    any other that was never given.
    """
    if not throttle.allows("verify", throttle.visitor(request), times=60, seconds=_MINUTE):
        return render(request, "429.html", status=429)
    found = verify_code(code)
    if found.certificate is None:
        return _answer(request, found)
    if request.method != "POST":
        return _answer(request, found, birth_form=BirthForm())
    if not throttle.allows(
        "birth", found.certificate.verification_code, times=5, seconds=_TEN_MINUTES
    ):
        return render(request, "429.html", status=429)
    form = BirthForm(request.POST)
    known = form.is_valid() and _is_birth_of(form, found.certificate)
    if form.is_valid() and not known:
        form.add_error("birth", _("This is not the birth date that the certificate prints."))
    return _answer(request, found, birth_form=form, birth_is_known=known)


def _is_birth_of(form: BirthForm, certificate: Certificate) -> bool:
    return bool(
        form.cleaned_data["birth"] == CertificateFields.from_json(certificate.printed).birth
    )


@open_to(Role.PROGRAMME_OFFICE, Role.AUDITOR)
@never_cache
def batch_page(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """A batch."""
    return HttpResponse("")


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
) -> HttpResponse:
    context: dict[str, Any] = {
        "state": str(found.state),
        "tone": _TONES[found.state],
        "verdict": _verdict(found.state),
        "explanation": _explanation(found, of_file=of_file),
    }
    if certificate := found.certificate:
        fields = CertificateFields.from_json(certificate.printed)
        context |= {
            "certificate": certificate,
            "printed": printed(fields, with_birth=birth_is_known),
            "birth_form": birth_form if fields.birth and not birth_is_known else None,
            "successor": certificate.superseded_by,
        }
    status = 404 if found.state is FileState.UNKNOWN and not of_file else 200
    return render(request, "certificates/verified.html", context, status=status)


def _verdict(state: FileState) -> str:
    return {
        FileState.VALID: _("Valid"),
        FileState.SUPERSEDED: _("Superseded"),
        FileState.REVOKED: _("Revoked"),
        FileState.ALTERED: _("Altered"),
        FileState.UNKNOWN: _("Unknown"),
    }[state]


def _explanation(found: Verification, *, of_file: bool) -> str:
    match found.state:
        case FileState.VALID:
            if of_file:
                return _("The file is the one that was issued, byte for byte.")
            return _("This certificate was issued by us and is in force.")
        case FileState.SUPERSEDED:
            return _("A corrected certificate has taken the place of this one.")
        case FileState.REVOKED:
            return _revocation(found.certificate)
        case FileState.ALTERED:
            return _("The file bears our code, but its content is not what was issued.")
    if of_file:
        return _("The file is none of ours: it bears no code that was ever given.")
    return _("No certificate bears this code. Compare it with the one printed.")


def _revocation(certificate: Certificate | None) -> str:
    if certificate is None or certificate.revoked_at is None:
        return _("The result that this certificate rests on has been withdrawn.")
    return _("Revoked on %(day)s: %(reason)s") % {
        "day": formats.day(formats.local_day(certificate.revoked_at)),
        "reason": certificate.revocation_reason,
    }


def printed(fields: CertificateFields, *, with_birth: bool) -> list[tuple[str, str]]:
    """Every field that the document prints, labelled, empty ones left out."""
    duration = formats.days(fields.starts_on, fields.ends_on)
    decision = ", ".join(filter(None, (fields.decision_number, formats.day(fields.decision_date))))
    pairs = [
        (_("Full name"), fields.full_name),
        (_("Birth date"), _birth(fields.birth) if with_birth else ""),
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


def _birth(birth: dt.date | int | None) -> str:
    return formats.day(birth) if isinstance(birth, dt.date) else str(birth or "")
