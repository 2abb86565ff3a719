"""Verification by the numbers that run in order: with the name and birth date on the paper."""

from itertools import chain
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from certificates.forms import HolderForm
from certificates.limits import LOOK_UPS, NUMBERS, may_try_birth
from certificates.services.attendance_corrections import confirmation_with_number
from certificates.services.printed_numbers import NumberKind, PrintedNumber, verify_number
from certificates.services.verification import count_look_up
from certificates.views.attendance_verdicts import answer_confirmation
from certificates.views.verdicts import HTML, JSON, answer, for_programs, too_many, wanted_type
from common.access import ANYBODY, allow
from common.caching import unlisted


@allow(ANYBODY)
@csrf_exempt  # programs send it too: it changes nothing, and answers nobody by their session
@never_cache
@unlisted
def verify_by_number(request: HttpRequest) -> HttpResponse:
    """All that does not fit has one answer, whether or not the number exists."""
    response = _verified(request)
    # Closed to scripts of other sites, whose visitors would guess for them, two tries each.
    del response["Access-Control-Allow-Origin"]
    return response


def _verified(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("verify")
    form = HolderForm(request.POST)
    if not form.is_valid():
        return refused_form(request, form) or _page(request, form, status=400)
    sent = dict(form.cleaned_data)
    number = sent.pop("code")
    if not _may_try(request, number):
        return too_many(request)
    if confirmation := confirmation_with_number(number, **sent):
        return answer_confirmation(request, confirmation)
    found = verify_number(number, full_name=sent["full_name"], birth=sent["birth"])
    count_look_up(how="number", found=found)
    if found.certificate:
        return answer(request, found, birth_is_known=True)
    text = _(
        "No certificate has this number, name and birth date together. Compare them with the "
        "paper letter by letter, or use the verification code next to the QR code."
    )
    return _answered(request, form, "unknown", _("Not verified yet"), text, 404)


def ask_for_holder(request: HttpRequest, number: PrintedNumber) -> HttpResponse:
    """In place of a verdict, and without looking whether the number exists."""
    title = _("%(number)s is a serial number")
    if number.kind == NumberKind.REGISTER:
        title = _("%(number)s is a register number")
    elif number.kind == NumberKind.OTHER:
        title = _("%(number)s is not a verification code")
    text = _(
        "Such numbers run in order and can be guessed, so the name and birth date on the "
        "certificate are needed too. Or use the verification code: the 16 letters and digits "
        "next to the QR code."
    )
    form = HolderForm(initial={"code": number.text})
    return _answered(request, form, "incomplete", title % {"number": number.text}, text, 200)


def refused_form(request: HttpRequest, form: Form) -> HttpResponse | None:
    """What is wrong with a form, for programs; None where the page says so."""
    if wanted_type(request) == HTML:
        return None
    wrong = " ".join(map(str, chain(*form.errors.values())))
    return for_programs({"error": wrong}, JSON, 400)


def _may_try(request: HttpRequest, number: PrintedNumber) -> bool:
    is_allowed = LOOK_UPS.allows(request) and NUMBERS.allows(request)
    return is_allowed and may_try_birth(request, number.key)


def _answered(
    request: HttpRequest, form: HolderForm, state: str, title: str, text: str, status: int
) -> HttpResponse:
    if wanted_type(request) == HTML:
        return _page(request, form, title=title, text=text, status=status)
    return for_programs(
        {
            "state": state,
            "verdict": title,
            "explanation": text,
            "send": list(form.fields),
            "to": request.build_absolute_uri(reverse("verify_by_number")),
        },
        JSON,
        status,
    )


def _page(request: HttpRequest, form: HolderForm, *, status: int, **message: Any) -> HttpResponse:
    context = {"form": form} | message
    return render(request, "certificates/verify_number.html", context, status=status)
