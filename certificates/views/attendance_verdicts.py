"""What a check of a confirmation of attendance found: as a page, and the same as data."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from certificates.choices import CertificateState
from certificates.models import AttendanceConfirmation
from certificates.services.printed_fields import verification_url
from certificates.services.verification import FileState
from certificates.views.verdicts import HTML, JSON, TONES, for_programs, wanted_type
from common import clock, formats


def answer_confirmation(request: HttpRequest, confirmation: AttendanceConfirmation) -> HttpResponse:
    """Its state, and all that it prints but the birth date.

    A program that asks for a credential gets the same data: there is none.
    """
    state = state_of(confirmation)
    context = {
        "confirmation": confirmation,
        "printed": printed(confirmation),
        "tone": TONES[state],
        "verdict": _("Confirmation of attendance: %(state)s") % {"state": state.label},
        "explanation": _("This confirms attendance. It is not a certificate of completion."),
    }
    if wanted_type(request) == HTML:
        response = render(request, "certificates/confirmation_verified.html", context)
    else:
        response = for_programs(_as_data(confirmation, context), JSON)
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


def state_of(confirmation: AttendanceConfirmation) -> FileState:
    is_issued = confirmation.state == CertificateState.ISSUED
    return FileState.VALID if is_issued else FileState(confirmation.state)


def _as_data(confirmation: AttendanceConfirmation, context: dict[str, Any]) -> dict[str, Any]:
    successor = confirmation.superseded_by
    return {
        "state": str(state_of(confirmation)),
        "document": "confirmation_of_attendance",
        "verdict": context["verdict"],
        "explanation": context["explanation"],
        "verified_at": formats.instant(clock.now()),
        "verification_code": confirmation.verification_code,
        "confirmation": {name: text for name, _label, text in context["printed"]},
        "replaced_by": successor and verification_url(successor.verification_code),
        "holder_erased": confirmation.erased_at is not None,
    }


def printed(confirmation: AttendanceConfirmation) -> list[tuple[str, str, str]]:
    """What a confirmation says but for the birth date, each with its name for programs."""
    texts = confirmation.printed
    values = {
        "sessions": _("%(attended)s of %(held)s sessions, %(hours)s of %(all)s hours") % {
            "attended": texts["attended"], "held": texts["sessions_held"],
            "hours": texts["hours_attended"], "all": texts["hours_held"],
        },
        "signed_by": ", ".join((*texts["authority"], texts["signer_name"])),
        "on": ", ".join(session["day"] for session in texts["sessions"]),
        "body": ", ".join(filter(None, (texts["parent_body"], texts["issuing_body"]))),
    }  # fmt: skip
    found = [
        ("full_name", _("Full name"), texts["full_name"]),
        ("position", _("Position"), texts["position"]),
        ("workplace", _("Workplace"), texts["workplace"]),
        ("course", _("Course"), texts["course_title"]),
        ("class", _("Class"), texts["run_code"]),
        ("duration", _("From – to"), texts["days"]),
        ("attended", _("Attended"), values["sessions"]),
        ("attended_on", _("Attended on"), values["on"]),
        ("register_number", _("Number"), texts["register_number"]),
        ("issued_on", _("Issued"), formats.day(formats.local_day(confirmation.issued_at))),
        ("issuing_body", _("Issuing body"), values["body"]),
        ("signed_by", _("Signed by"), values["signed_by"]),
    ]
    return [line for line in found if line[2]]
