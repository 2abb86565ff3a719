"""What a check of a certificate found: as a page, and the same as data."""

import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from certificates.forms import BirthForm
from certificates.models import Certificate
from certificates.pdf import CertificateFields
from certificates.services.printed_fields import verification_url
from certificates.services.verification import Evidence, FileState, Verification
from common import clock, formats

HTML, JSON, VC = "text/html", "application/json", "application/vc"

TONES = {
    FileState.VALID: "good",
    FileState.SUPERSEDED: "wait",
    FileState.REVOKED: "bad",
    FileState.ALTERED: "bad",
    FileState.UNKNOWN: "bad",
}


def answer(
    request: HttpRequest,
    found: Verification,
    *,
    of_file: bool = False,
    birth_form: BirthForm | None = None,
    birth_is_known: bool = False,
    shared_file: bool = False,
) -> HttpResponse:
    """The page, or what it shows as JSON where the visitor is a program that asks for it."""
    context: dict[str, Any] = {
        "state": str(found.state),
        "tone": TONES[found.state],
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
            "duplicates": getattr(certificate, "duplicates_issued", None) or 0,
            "birth_form": birth_form if fields.birth and not birth_is_known else None,
            "empty_birth_fields": _empty_birth_fields(get_language() or ""),
            "successor": certificate.superseded_by,
            "predecessor": getattr(certificate, "supersedes", None),
        }
    status = 404 if found.state is FileState.UNKNOWN and not of_file else 200
    wanted = wanted_type(request)
    if wanted == HTML:
        response = render(request, "certificates/verified.html", context, status=status)
    elif wanted == VC and (proved := credential_in_force(found)):
        response = for_programs(proved, VC)
    else:
        response = for_programs(_as_data(found, context), JSON, status)
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


@lru_cache(maxsize=8)
def _empty_birth_fields(_language: str) -> SafeString:
    # To draw them for every visitor takes a fifth of a verification.
    return render_to_string("components/fields.html", {"form": BirthForm()})


def wanted_type(request: HttpRequest) -> str:
    """What the Accept header prefers; a page where it names nothing that we have."""
    accepted = "application/vc+ld+json", "application/ld+json"
    found = request.get_preferred_type([HTML, JSON, VC, *accepted])
    return VC if found in accepted else found or HTML


def for_programs(content: Any, kind: str, status: int = 200) -> HttpResponse:
    """Open to scripts of other sites: it depends on the address alone, never on a visitor."""
    text = json.dumps(content, ensure_ascii=False)
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(text, content_type=kind, status=status, headers=headers)


def too_many(request: HttpRequest) -> HttpResponse:
    if wanted_type(request) == HTML:
        return render(request, "429.html", status=429)
    return for_programs({"error": _("Please wait a few minutes and try again.")}, JSON, 429)


def credential_in_force(found: Verification) -> dict[str, Any] | None:
    """As with the file: what is no longer valid is not handed out, its state is."""
    is_valid = found.state is FileState.VALID and found.certificate
    return found.certificate.credential if is_valid and found.certificate else None


def _as_data(found: Verification, context: dict[str, Any]) -> dict[str, Any]:
    certificate = found.certificate
    data = {
        "state": context["state"],
        "verdict": str(context["verdict"]),
        "explanation": context["explanation"],
        "checks": [{"check": label, "result": text} for label, text, _tone in context["checks"]],
        "verified_at": context["looked_at"],
    }
    if certificate is None:
        return data
    return data | {
        "verification_code": certificate.verification_code,
        "certificate": {name: text for name, _label, text in context["printed"]},
        "replaced_by": _named(context["successor"]),
        "replaces": _named(context["predecessor"]),
        "duplicates": context["duplicates"],
        "holder_erased": certificate.erased_at is not None,
        "credential": credential_in_force(found),
    }


def _named(certificate: Certificate | None) -> dict[str, str] | None:
    if certificate is None:
        return None
    return {
        "register_number": certificate.register_label,
        "address": verification_url(certificate.verification_code),
    }


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


def printed(fields: CertificateFields, *, with_birth: bool) -> list[tuple[str, str, str]]:
    """What a certificate says, each with its name for programs and its label."""
    duration = formats.days(fields.starts_on, fields.ends_on)
    decision = ", ".join(filter(None, (fields.decision_number, formats.day(fields.decision_date))))
    body = ", ".join(filter(None, (fields.parent_body, fields.issuing_body)))
    place_and_date = f"{fields.place}, {formats.day(fields.issued_on)}".lstrip(", ")
    found = [
        ("full_name", _("Full name"), fields.full_name),
        ("birth_date", _("Birth date"), fields.birth_text if with_birth else ""),
        ("position", _("Position"), fields.position),
        ("unit", _("Unit"), fields.unit),
        ("agency", _("Agency"), fields.agency),
        ("course", _("Course"), fields.course_title),
        ("course_in_english", _("Course, in English"), fields.course_title_en),
        ("class", _("Class"), fields.run_code),
        ("periods", _("Periods"), str(fields.periods or "")),
        ("duration", _("From – to"), duration),
        ("grade", _("Grade"), fields.grade),
        ("serial_number", _("Serial number"), fields.serial_number),
        ("register_number", _("Register number"), fields.register_number),
        ("decision", _("Decision"), decision),
        ("issuing_body", _("Issuing body"), body),
        ("place_and_date", _("Place and date"), place_and_date),
        ("signed_by", _("Signed by"), ", ".join((*fields.authority, fields.signer_name))),
    ]
    return [line for line in found if line[2]]
