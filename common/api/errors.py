"""Errors of the API: problem details (RFC 9457) beside ``code``, ``message`` and ``fields``."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.core.signals import got_request_exception
from django.db import IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response

from common.errors import DomainError

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)


class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="urn:problem-type:lms: and the code.")
    title = serializers.CharField(help_text="The code in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="The same as message.")
    instance = serializers.CharField(help_text="The path that was asked for.")
    code = serializers.CharField(help_text="For programs: it does not change.")
    message = serializers.CharField(help_text="For people, in the language of the request.")
    fields = serializers.DictField(  # type: ignore[assignment]  # a key of the answer
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What to correct, by dotted path; empty where nothing can be.",
    )


class PreconditionFailed(exceptions.APIException):
    """The row was changed since it was read."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"
    default_detail = gettext_lazy("This was changed in the meantime: reload it; nothing was saved.")


class PreconditionRequired(exceptions.APIException):
    """A change has to say which version of the row it was made from."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "if_match_missing"
    default_detail = gettext_lazy("Send the ETag of the version you read in the If-Match header.")


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Answer every exception; the unexpected is logged and its details stay here."""
    request = context["request"]
    found = _problem_of(error)
    if found is None:
        logger.error("The API failed", exc_info=error)
        got_request_exception.send(sender=handle, request=request._request)
        found = 500, "server_error", _("Something went wrong; the error has been logged."), {}
    code, fields = found[1], found[3]
    body = {
        "type": f"urn:problem-type:lms:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": found[0],
        "detail": found[2],
        "instance": request.path,
        "code": code,
        "message": found[2],
        "fields": fields,
    }
    return Response(body, found[0], headers=_headers_of(error), content_type=MEDIA_TYPE)


# Status, code, message, and what to correct by dotted path.
Problem = tuple[int, str, str, Mapping[str, list[str]]]


def _problem_of(error: Exception) -> Problem | None:
    if isinstance(error, DomainError):
        return error.status, error.code, error.message, {}
    if isinstance(error, exceptions.ValidationError):
        return _invalid(flatten(error.detail))
    if isinstance(error, ValidationError):
        return _invalid(
            error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        )
    if isinstance(error, Http404 | exceptions.NotFound):
        return 404, "not_found", _("Not found, or you do not have access to it."), {}
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return 403, "permission_denied", _("Your role does not allow this."), {}
    if isinstance(error, SuspiciousOperation):
        return 400, "bad_request", _("This request is too large or malformed."), {}
    if isinstance(error, IntegrityError):
        return 409, "conflict", _("This conflicts with existing data."), {}
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        code = code if isinstance(code, str) else error.default_code
        return error.status_code, code, str(error.detail), {}
    return None


def _invalid(fields: Mapping[str, list[str]]) -> Problem:
    return 400, "invalid", _("Some fields need correcting."), fields


def _headers_of(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested messages by dotted path: ``{"marks.0.session": ["…"]}``; "" is the whole body."""
    if isinstance(detail, Mapping):
        items = [(str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        items = [(str(at), value) for at, value in enumerate(detail)]
    else:
        return {path: [str(part) for part in (detail if isinstance(detail, list) else [detail])]}
    found: dict[str, list[str]] = {}
    for key, value in items:
        below = "" if key == "non_field_errors" else key
        found |= flatten(value, ".".join(part for part in (path, below) if part))
    return found
