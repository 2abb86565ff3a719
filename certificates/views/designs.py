"""Designs: what there is, how each looks with real data, a new version."""

import subprocess
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import Role
from certificates.forms import DesignForm
from certificates.models import CertificateDesign
from certificates.services import designs
from common.access import open_to
from common.errors import DomainError

DOTS_PER_INCH = "72"
SECONDS = 20


@open_to(Role.PROGRAMME_OFFICE, Role.AUDITOR)
def design_list(request: HttpRequest) -> HttpResponse:
    """Every version of every design."""
    rows = CertificateDesign.objects.defer("html", "css")
    return render(request, "certificates/designs.html", {"designs": rows})


@open_to(Role.PROGRAMME_OFFICE, Role.AUDITOR)
@never_cache
def design_page(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """A version with its previews; saving a version that has issued makes the next one."""
    user: Any = request.user
    design = get_object_or_404(CertificateDesign, slug=slug, version=version)
    form = DesignForm(request.POST or None, instance=design)
    status = 200
    if request.method == "POST":
        if not user.has_role(Role.PROGRAMME_OFFICE):
            raise PermissionDenied
        try:
            if saved := _save(request, form, design):
                return redirect("certificate_design", slug=saved.slug, version=saved.version)
        except DomainError as error:
            form.add_error(None, error.message)
        status = 400
        design.refresh_from_db()
    context = {
        "design": design,
        "form": form,
        "samples": [("longest", _("Longest data")), ("shortest", _("Shortest data"))],
        "may_act": user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/design.html", context, status=status)


def _save(
    request: HttpRequest, form: DesignForm, design: CertificateDesign
) -> CertificateDesign | None:
    user: Any = request.user
    by = user.as_actor()
    if request.POST.get("deed") == "default":
        design.refresh_from_db()
        return designs.make_default(by=by, design=design)
    if not form.is_valid():
        return None
    values = {name: form.cleaned_data[name] for name in ("name", "html", "css")}
    saved = designs.save_design(by=by, slug=design.slug, **values)
    messages.success(request, _("Kept as version %(version)s.") % {"version": saved.version})
    return saved


@open_to(Role.PROGRAMME_OFFICE, Role.AUDITOR)
@never_cache
def design_preview(request: HttpRequest, slug: str, version: int, sample: str) -> HttpResponse:
    """A version with the longest or shortest real data, as a picture."""
    design = get_object_or_404(CertificateDesign, slug=slug, version=version)
    if sample not in designs.SAMPLES:
        raise Http404
    try:
        content = designs.preview(design, sample)
    except DomainError as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    picture = subprocess.run(
        ["pdftoppm", "-png", "-r", DOTS_PER_INCH, "-singlefile", "-"],
        input=content,
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    return HttpResponse(picture.stdout, content_type="image/png")
