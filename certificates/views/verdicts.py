"""What a check of a certificate found: as a page, and the same as data."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from certificates.forms import BirthForm
from certificates.models import Certificate
from certificates.pdf import CertificateFields
from certificates.services.printed_fields import verification_url
from certificates.services.verification import Evidence, FileState, Verification
from common import clock, formats
from common.filled_pages import render_filled

_PAGE = "certificates/verified.html"
HTML, JSON, VC = "text/html", "application/json", "application/vc"

TONES = {
    FileState.VALID: "good",
    FileState.SUPERSEDED: "wait",
    FileState.REVOKED: "bad",
    FileState.ALTERED: "bad",
    FileState.UNKNOWN: "bad",
}


class _Shape(NamedTuple):
    """How a verdict is laid out (``common.filled_pages``)."""

    state: FileState
    names: tuple[str, ...]  # of its texts
    checks: tuple[tuple[str, str], ...]  # label and tone of each
    of_file: bool
    shared_file: bool
    is_erased: bool
    duplicates: int
    asks_birth: bool

    def context(self, texts: Mapping[str, str]) -> dict[str, Any]:
        return self._asdict() | {
            "state": str(self.state),
            "tone": TONES[self.state],
            "verdict": self.state.label,
            "explanation": texts["explanation"],
            "looked_at": texts["looked_at"],
            "checks": [
                (label, texts[f"check_{n}"], tone) for n, (label, tone) in enumerate(self.checks)
            ],
            "code": texts["code"] if "code" in self.names else "",
            "printed": [(n, PRINTED[n], texts[n]) for n in PRINTED if n in self.names],
            "successor": self._link("successor", texts),
            "predecessor": self._link("predecessor", texts),
            "empty_birth_fields": _empty_birth_fields(get_language() or ""),
        }

    def _link(self, which: str, texts: Mapping[str, str]) -> dict[str, str] | None:
        if f"{which}_code" not in self.names:
            return None
        return {"code": texts[f"{which}_code"], "label": texts[f"{which}_label"]}


def answer(
    request: HttpRequest,
    found: Verification,
    *,
    of_file: bool = False,
    shared_file: bool = False,
    asks_birth: bool = False,
    birth_form: BirthForm | None = None,
    birth_is_known: bool = False,
) -> HttpResponse:
    """The page, or what it shows as JSON where the visitor is a program that asks for it.

    ``birth_form``: with what was entered.
    """
    certificate, checks = found.certificate, _checks(found)
    texts = _texts(found, checks, of_file=of_file, with_birth=birth_is_known)
    shape = _Shape(
        state=found.state,
        names=tuple(texts),
        checks=tuple([(label, tone) for label, _text, tone in checks]),
        of_file=of_file,
        shared_file=shared_file,
        is_erased=bool(certificate and certificate.erased_at),
        duplicates=getattr(certificate, "duplicates_issued", None) or 0,
        asks_birth=asks_birth and bool(certificate and certificate.printed_value("birth")),
    )
    status = 404 if found.state is FileState.UNKNOWN and not of_file else 200
    wanted = wanted_type(request)
    if wanted == HTML and not found.differences and not birth_form:
        response = render_filled(request, _PAGE, shape, texts, status)
    elif wanted == HTML:
        context = {"differences": found.differences, "birth_form": birth_form}
        response = render(request, _PAGE, context | shape.context(texts), status=status)
    elif wanted == VC and (proved := credential_in_force(found)):
        response = for_programs(proved, VC)
    else:
        response = for_programs(_as_data(found, shape.context(texts)), JSON, status)
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


def _texts(
    found: Verification, checks: list[tuple[str, str, str]], *, of_file: bool, with_birth: bool
) -> dict[str, str]:
    """All that only this certificate's page says, by name."""
    texts = {f"check_{n}": text for n, (_label, text, _tone) in enumerate(checks)}
    texts["explanation"] = _explanation(found, of_file=of_file)
    texts["looked_at"] = formats.instant(clock.now())
    if (certificate := found.certificate) is None:
        return texts
    texts["code"] = certificate.verification_code
    related = {
        "successor": certificate.superseded_by,
        "predecessor": getattr(certificate, "supersedes", None),
    }
    for which, other in related.items():
        if other:
            texts[f"{which}_code"] = other.verification_code
            texts[f"{which}_label"] = other.register_label
    fields = CertificateFields.from_json(certificate.printed)
    return texts | _printed_texts(fields, with_birth=with_birth)


@lru_cache(maxsize=8)
def _empty_birth_fields(_language: str) -> SafeString:
    # To draw them for every visitor takes a fifth of a verification.
    return render_to_string("components/fields.html", {"form": BirthForm()})


def wanted_type(request: HttpRequest) -> str:
    """What the Accept header prefers; a page where it names nothing that we have."""
    return _wanted(str(request.META.get("HTTP_ACCEPT", "*/*")))


@lru_cache(maxsize=256)
def _wanted(accept: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
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


def _named(link: dict[str, str] | None) -> dict[str, str] | None:
    if link is None:
        return None
    return {"register_number": link["label"], "address": verification_url(link["code"])}


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


# By name for programs, in the order of the page.
PRINTED = {
    "full_name": gettext_lazy("Full name"),
    "birth_date": gettext_lazy("Birth date"),
    "position": gettext_lazy("Position"),
    "unit": gettext_lazy("Unit"),
    "agency": gettext_lazy("Agency"),
    "course": gettext_lazy("Course"),
    "course_in_english": gettext_lazy("Course, in English"),
    "class": gettext_lazy("Class"),
    "periods": gettext_lazy("Periods"),
    "duration": gettext_lazy("From – to"),
    "grade": gettext_lazy("Grade"),
    "serial_number": gettext_lazy("Serial number"),
    "register_number": gettext_lazy("Register number"),
    "decision": gettext_lazy("Decision"),
    "issuing_body": gettext_lazy("Issuing body"),
    "place_and_date": gettext_lazy("Place and date"),
    "signed_by": gettext_lazy("Signed by"),
}


def printed(fields: CertificateFields, *, with_birth: bool) -> list[tuple[str, str, str]]:
    """What a certificate says, each with its name for programs and its label."""
    texts = _printed_texts(fields, with_birth=with_birth)
    return [(name, str(PRINTED[name]), text) for name, text in texts.items()]


def _printed_texts(fields: CertificateFields, *, with_birth: bool) -> dict[str, str]:
    decision = ", ".join(filter(None, (fields.decision_number, formats.day(fields.decision_date))))
    body = ", ".join(filter(None, (fields.parent_body, fields.issuing_body)))
    place_and_date = f"{fields.place}, {formats.day(fields.issued_on)}".lstrip(", ")
    found = {
        "full_name": fields.full_name,
        "birth_date": fields.birth_text if with_birth else "",
        "position": fields.position,
        "unit": fields.unit,
        "agency": fields.agency,
        "course": fields.course_title,
        "course_in_english": fields.course_title_en,
        "class": fields.run_code,
        "periods": str(fields.periods or ""),
        "duration": formats.days(fields.starts_on, fields.ends_on),
        "grade": fields.grade,
        "serial_number": fields.serial_number,
        "register_number": fields.register_number,
        "decision": decision,
        "issuing_body": body,
        "place_and_date": place_and_date,
        "signed_by": ", ".join((*fields.authority, fields.signer_name)),
    }
    return {name: text for name, text in found.items() if text}
