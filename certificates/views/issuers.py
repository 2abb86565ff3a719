"""Issuing bodies and signers: who issues on which days, entered, changed and ended."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from certificates.forms import BodyForm, SignerForm
from certificates.models import BakedImage, IssuingBody, Signer
from certificates.services import issuers
from certificates.services.printed_fields import body_and_signer
from common import clock
from common.access import allow
from common.refusals import refusal_on

_PICTURES = ("seal", "signature")


@allow(*OVERSEERS)
def issuer_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    body, signer = body_and_signer(clock.today())
    signers = Signer.objects.select_related("signature", "sealed_signature").latest_first()
    bodies = IssuingBody.objects.select_related("seal").latest_first()
    context = {
        "bodies": bodies.prefetch_related(Prefetch("signers", signers)),
        "signs_today": signer,
        "issues_today": body,
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/issuers.html", context)


@allow(Role.PROGRAMME_OFFICE)
def new_body(request: AuthenticatedHttpRequest) -> HttpResponse:
    return _body_page(request, IssuingBody())


@allow(*OVERSEERS)
def body_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return _body_page(request, get_object_or_404(IssuingBody.objects.select_related("seal"), pk=pk))


def _body_page(request: AuthenticatedHttpRequest, body: IssuingBody) -> HttpResponse:
    form = BodyForm(request.POST or None, request.FILES or None, initial=_initial(body, BodyForm))

    def save(by: Any, values: dict[str, Any], picture: bytes | None) -> None:
        issuers.save_body(by=by, body=body, values=values, seal=picture)

    head = {
        "heading": body.name or _("New issuing body"),
        "picture": body.seal.sha256 if body.seal else "",
        "about_picture": _("The seal as printed"),
    }
    return _page(request, form, head, save)


@allow(Role.PROGRAMME_OFFICE)
def new_signer(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    body = get_object_or_404(IssuingBody.objects.select_related("seal"), pk=pk)
    return _signer_page(request, Signer(body=body))


@allow(*OVERSEERS)
def signer_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    rows = Signer.objects.select_related("body__seal", "signature", "sealed_signature")
    return _signer_page(request, get_object_or_404(rows, pk=pk))


def _signer_page(request: AuthenticatedHttpRequest, signer: Signer) -> HttpResponse:
    initial = _initial(signer, SignerForm)
    form = SignerForm(request.POST or None, request.FILES or None, initial=initial)

    def save(by: Any, values: dict[str, Any], picture: bytes | None) -> None:
        issuers.save_signer(by=by, signer=signer, values=values, signature=picture)

    head = {
        "heading": signer.name or _("New signer"),
        "body_name": signer.body.name,
        "picture": signer.picture.sha256 if signer.picture else "",
        "about_picture": _("Signature and seal as printed"),
    }
    return _page(request, form, head, save)


def _initial(issuer: IssuingBody | Signer, form: Any) -> dict[str, Any]:
    names = (name for name in form.base_fields if name not in _PICTURES)
    return {name: getattr(issuer, name) for name in names}


def _page(
    request: AuthenticatedHttpRequest, form: Any, head: dict[str, Any], save: Any
) -> HttpResponse:
    may_act = request.user.has_role(Role.PROGRAMME_OFFICE)
    if request.method == "POST" and not may_act:
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        files = [values.pop(name) for name in _PICTURES if name in values]
        with refusal_on(form):
            save(request.user.as_actor(), values, files[0].read() if files[0] else None)
            messages.success(request, _("Saved."))
            return redirect("issuers")
    context = {"form": form, "may_act": may_act} | head
    status = 400 if request.method == "POST" else 200
    return render(request, "certificates/issuer.html", context, status=status)


@allow(*OVERSEERS)
def picture(request: AuthenticatedHttpRequest, sha256: str) -> HttpResponse:
    image = get_object_or_404(BakedImage, sha256=sha256)
    return HttpResponse(bytes(image.content), content_type="image/jpeg")
