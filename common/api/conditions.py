"""Versions of a row: ETag, If-None-Match and If-Match."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import set_response_etag
from django.utils.http import parse_etags
from rest_framework.request import Request

from common.api.errors import PreconditionFailed, PreconditionRequired

LIMIT_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def etag(body: Mapping[str, Any]) -> str:
    """The version of a row: equal bodies give equal tags, in every language."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_match(request: Request, body: Mapping[str, Any]) -> None:
    """Refuse a change that was made from another version than ``body``, the present one."""
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted:
        raise PreconditionRequired
    tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
    if "*" not in tags and etag(body) not in tags:
        raise PreconditionFailed


def answer_not_modified(request: Request, response: Any) -> None:
    """Answer 304 where the reader has the same already; lists get their tag from their bytes."""

    def conditional(rendered: HttpResponse) -> HttpResponse:
        if "ETag" not in rendered.headers:
            set_response_etag(rendered)
        tags = parse_etags(request.headers.get("If-None-Match", ""))
        if {"*", rendered["ETag"]}.isdisjoint(tag.removeprefix("W/") for tag in tags):
            return rendered
        unchanged = HttpResponseNotModified()
        for name in {"ETag", "Vary", *LIMIT_HEADERS} & rendered.headers.keys():
            unchanged.headers[name] = rendered.headers[name]
        return unchanged

    response.add_post_render_callback(conditional)
