"""The credential of a certificate in a holder's hands: files, profile, wallet."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import AuthenticatedHttpRequest
from certificates.choices import CertificateState
from certificates.models import Certificate
from certificates.pdf import CertificateFields
from certificates.services.credential_files import CREDENTIAL_TYPES, credential_file
from certificates.services.printed_fields import verification_url
from common.access import SIGNED_IN, allow
from common.qr import qr_svg

_PROFILE = "https://www.linkedin.com/profile/add"


@allow(SIGNED_IN)
@never_cache
@require_safe
def certificate_credential(request: AuthenticatedHttpRequest, code: str, kind: str) -> HttpResponse:
    """The credential as a file: alone, or baked into the badge of the course."""
    if kind not in CREDENTIAL_TYPES:
        raise Http404
    rows = Certificate.objects.visible_to(request.user).filter(credential__isnull=False)
    certificate = get_object_or_404(
        rows.select_related("completion__run__course"), verification_code=code
    )
    name, content = credential_file(certificate, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=CREDENTIAL_TYPES[kind], headers=headers)


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
