"""Certificates of several classes, or of a period, put together by a job."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.choices import STAFF
from accounts.http import AuthenticatedHttpRequest
from certificates.forms import BundleForm
from certificates.models import Bundle
from certificates.services import certificate_bundles
from common import clock, formats
from common.access import allow
from common.dates import parse_date
from common.errors import DomainError

_TYPES = {
    "archive": ("application/zip", "zip"),
    "merged": ("application/pdf", "pdf"),
}


@allow(*STAFF)
@never_cache
def bundle_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    user = request.user
    form = BundleForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            bundle = certificate_bundles.request_bundle(
                by=user.as_actor(), user=user, wanted=form.wanted()
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            assert bundle.job_id is not None
            return redirect("job", job_id=bundle.job_id)
    stored = user.certificate_bundles.filter(expires_at__gt=clock.now()).select_related("job")
    context = {"form": form, "bundles": [_facts(bundle) for bundle in stored if bundle.wanted]}
    return render(request, "certificates/bundles.html", context, status=400 if form.errors else 200)


def _facts(bundle: Bundle) -> dict[str, Any]:
    wanted = bundle.wanted
    since, until = (
        formats.day(parse_date(wanted[end])) if wanted[end] else "" for end in ("since", "until")
    )
    period = f"{since} – {until}".strip() if since or until else ""
    return {
        "bundle": bundle,
        "about": ", ".join(filter(None, [*wanted["runs"], period, wanted["agency"]])),
        "count": formats.number(len(bundle.certificate_ids)),
        "until": formats.instant(bundle.expires_at),
    }


@allow(*STAFF)
@require_safe
@never_cache
def bundle_file(
    request: AuthenticatedHttpRequest, bundle_id: uuid.UUID, kind: str
) -> HttpResponseBase:
    """For its owner, while they may see every certificate in it."""
    if kind not in _TYPES:
        raise Http404
    bundle = get_object_or_404(Bundle, pk=bundle_id, owner=request.user)
    if not certificate_bundles.is_open_to(request.user, bundle):
        raise PermissionDenied
    try:
        content = certificate_bundles.file_of(bundle, kind)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("certificate_bundles")
    media_type, suffix = _TYPES[kind]
    name = _("certificates") if kind == "archive" else _("certificates-to-print")
    name = f"{name}-{formats.local_day(bundle.asked_at):%Y%m%d}.{suffix}"
    return FileResponse(content, as_attachment=True, filename=name, content_type=media_type)
