"""The credential of a certificate in a holder's hands: files, profile, wallet."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import AuthenticatedHttpRequest
from certificates.choices import CertificateState
from certificates.credential import baked_png, baked_svg
from certificates.models import Certificate
from certificates.pdf import CertificateFields
from certificates.services.printed_fields import verification_url
from certificates.views.verdicts import VC
from common.access import SIGNED_IN, allow
from common.qr import qr_svg

_KINDS = {"json": VC, "png": "image/png", "svg": "image/svg+xml"}
_PROFILE = "https://www.linkedin.com/profile/add"


@allow(SIGNED_IN)
@never_cache
@require_safe
def certificate_credential(request: AuthenticatedHttpRequest, code: str, kind: str) -> HttpResponse:
    """The credential as a file: alone, or baked into the badge of the course."""
    if kind not in _KINDS:
        raise Http404
    rows = Certificate.objects.visible_to(request.user).filter(credential__isnull=False)
    certificate = get_object_or_404(
        rows.select_related("completion__run__course"), verification_code=code
    )
    name = f"{certificate.file_name.removesuffix('.pdf')}.credential.{kind}"
    return HttpResponse(
        _content(certificate, kind),
        content_type=_KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _content(certificate: Certificate, kind: str) -> str | bytes:
    course, proved = certificate.completion.run.course.code, certificate.credential
    assert proved is not None  # the query asks for it
    if kind == "png":
        return baked_png(course, proved)
    if kind == "svg":
        return baked_svg(course, proved)
    return json.dumps(proved, ensure_ascii=False, indent=1)


def shared_elsewhere(certificate: Certificate) -> dict[str, Any] | None:
    """Links that put a certificate in force into a profile or a wallet."""
    is_in_force = certificate.public_state == CertificateState.ISSUED
    if not is_in_force or certificate.credential is None:
        return None
    wallet = f"{verification_url(certificate.verification_code)}/credential.json"
    return {
        "profile": f"{_PROFILE}?{urlencode(_profile_entry(certificate))}",
        "wallet": wallet,
        "code": qr_svg(wallet),
    }


def _profile_entry(certificate: Certificate) -> dict[str, Any]:
    fields = CertificateFields.from_json(certificate.printed)
    return {
        "startTask": "CERTIFICATION_NAME",
        "name": fields.course_title,
        "organizationName": fields.issuing_body,
        "issueYear": fields.issued_on.year,
        "issueMonth": fields.issued_on.month,
        "certUrl": fields.verification_url,
        "certId": fields.register_number,
    }
