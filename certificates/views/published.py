"""What is published so that others can verify without us."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers

from certificates.credential import StatusPurpose, badge_png, badge_svg
from certificates.models import Achievement
from certificates.services.achievements import document_of
from certificates.services.keys import published_certificates, published_did
from certificates.services.status_lists import published_status_list
from certificates.views.verdicts import HTML, wanted_type
from common.access import ANYBODY, allow
from common.caching import storable
from common.errors import DomainError

_LANGUAGES = ("vi", "en")


@allow(ANYBODY)
@storable(why="public data for programs, the same for everybody")
def status_list(
    request: HttpRequest,
    register: str,
    year: int,
    purpose: StatusPurpose = StatusPurpose.REVOCATION,
) -> HttpResponse:
    try:
        listed = published_status_list(register, year, purpose)
    except DomainError as error:
        return JsonResponse({"error": error.message}, status=404)
    return _published(listed, "application/vc")


@allow(ANYBODY)
@storable(why="public keys, the same for everybody")
def did_document(request: HttpRequest) -> HttpResponse:
    return _published(published_did(), "application/did+json")


@allow(ANYBODY)
def signing_certificates(request: HttpRequest) -> HttpResponse:
    return HttpResponse(published_certificates(), content_type="application/x-pem-file")


@allow(ANYBODY)
def achievement(request: HttpRequest, code: str, version: int, language: str) -> HttpResponse:
    """What the credentials of a version of a course certify, as a page or as data."""
    row = _achievement(code, version)
    if language not in _LANGUAGES or not row.content[f"title_{language}"]:
        raise Http404
    document = document_of(row, language)
    if wanted_type(request) == HTML:
        context = {"achievement": document, "course": row.course, "version": version}
        response = render(request, "certificates/achievement.html", context)
    else:
        response = _published(document, "application/json")
    patch_vary_headers(response, ["Accept"])
    return response


@allow(ANYBODY)
@storable(why="the badge of a course, the same for everybody")
def badge(request: HttpRequest, code: str, version: int, kind: str) -> HttpResponse:
    row = _achievement(code, version)
    kinds = {"png": (badge_png, "image/png"), "svg": (badge_svg, "image/svg+xml")}
    if kind not in kinds:
        raise Http404
    drawn, content_type = kinds[kind]
    return HttpResponse(drawn(row.course.code), content_type=content_type, headers=_PUBLIC)


def _achievement(code: str, version: int) -> Achievement:
    rows = Achievement.objects.select_related("course")
    return get_object_or_404(rows, course__code=code, version=version)


_PUBLIC = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


def _published(document: dict[str, Any], kind: str) -> HttpResponse:
    content = json.dumps(document, ensure_ascii=False)
    return HttpResponse(content, content_type=kind, headers=_PUBLIC)
