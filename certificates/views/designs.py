"""Designs: what there is, how each looks with real data, a new version."""

from base64 import b64encode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from audit.services import Actor
from certificates.forms import DesignForm, NewDesignForm
from certificates.models import CertificateDesign
from certificates.pdf import DESIGN_FIELDS, Appearance
from certificates.services import designs
from common.access import allow
from common.caching import storable
from common.errors import DomainError
from common.refusals import refusal_on


@allow(*OVERSEERS)
def design_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    rows = CertificateDesign.objects.defer("html", "css")
    context = {"designs": rows, "may_act": request.user.has_role(Role.PROGRAMME_OFFICE)}
    return render(request, "certificates/designs.html", context)


@allow(*OVERSEERS)
@never_cache
def design_page(request: AuthenticatedHttpRequest, slug: str, version: int) -> HttpResponse:
    # Saving a version that has issued certificates creates the next version.
    design = get_object_or_404(CertificateDesign, slug=slug, version=version)
    initial = {"name": design.name, "html": design.html, "css": design.css}
    form = DesignForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and request.POST.get("action") == "default":
        designs.make_default(by=_writer(request), design=design)
        return redirect("certificate_design", slug=slug, version=version)
    return _design_page(request, form, design)


@allow(Role.PROGRAMME_OFFICE)
@never_cache
def new_design(request: AuthenticatedHttpRequest) -> HttpResponse:
    model = CertificateDesign.objects.filter(is_default=True).first()
    initial = {"html": model.html, "css": model.css} if model else {}
    form = NewDesignForm(request.POST or None, request.FILES or None, initial=initial)
    return _design_page(request, form, None)


def _writer(request: AuthenticatedHttpRequest) -> Actor:
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        raise PermissionDenied
    return request.user.as_actor()


def _design_page(
    request: AuthenticatedHttpRequest, form: DesignForm, design: CertificateDesign | None
) -> HttpResponse:
    tried: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        writer, status = _writer(request), 400
        with refusal_on(form):
            if form.is_valid() and request.POST.get("action") == "try":
                tried, status = _tried(form), 200
            elif form.is_valid():
                return _saved(request, form, design, writer)
    context = {
        "design": design,
        "form": form,
        "tried": tried,
        "samples": [("longest", _("Longest data")), ("shortest", _("Shortest data"))],
        "fields": sorted(DESIGN_FIELDS),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/design.html", context, status=status)


def _saved(
    request: HttpRequest, form: DesignForm, design: CertificateDesign | None, by: Actor
) -> HttpResponse:
    values = dict(form.cleaned_data)
    slug = values.pop("slug", "") or (design.slug if design else "")
    saved = designs.save_design(by=by, slug=slug, **values)
    messages.success(request, _("Saved as version %(version)s.") % {"version": saved.version})
    return redirect("certificate_design", slug=saved.slug, version=saved.version)


def _tried(form: DesignForm) -> dict[str, str]:
    # Previews as data URLs: an unsaved design has no address.
    appearance = Appearance(form.cleaned_data["html"], form.cleaned_data["css"])
    # Shown again as it was tried, also where it came as a file.
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["html"], data["css"] = appearance.html, appearance.css
    form.data = data
    return {
        sample: f"data:image/png;base64,{b64encode(content).decode()}"
        for sample, content in designs.try_design(appearance, as_png=True).items()
    }


@allow(*OVERSEERS)
@storable(why="drawn from made-up people, and costs a second to draw")
@cache_control(private=True, max_age=300)
def design_preview(
    request: AuthenticatedHttpRequest, slug: str, version: int, sample: str
) -> HttpResponse:
    design = get_object_or_404(CertificateDesign, slug=slug, version=version)
    if sample not in designs.SAMPLES:
        raise Http404
    try:
        content = designs.preview(design, sample, as_png=True)
    except DomainError as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(content, content_type="image/png")
