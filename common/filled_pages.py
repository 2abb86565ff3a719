"""Pages laid out once: texts that differ from answer to answer are put into them afterwards.

To walk through the template of a small page takes longer than all else that it costs. It is walked
through with a mark in place of each text; what is kept holds no text of any answer, so that
nobody's name stays in memory and a change shows at once.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final, Protocol

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language

from common.drawn_pages import token_of
from common.markup import escaped

_MOST: Final = 256  # pages, languages and shapes
# Nobody can write it into a text; addresses and HTML leave it as it is.
_MARK: Final = secrets.token_hex(16)
_MARKED: Final = re.compile(f"{_MARK}-([a-z0-9_]+)-")


class Shape(Protocol):
    """All that decides how a page is laid out, besides its language; no text of one answer."""

    def __hash__(self) -> int: ...

    def context(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """For the template, which only prints the texts: it neither tests nor changes them."""


_layouts: dict[tuple[Any, ...], str] = {}


def render_filled(
    request: HttpRequest, template: str, shape: Shape, texts: Mapping[str, str], status: int = 200
) -> HttpResponse:
    """As ``render`` with ``shape.context(texts)``; for strangers by the quick way."""
    if settings.DEBUG or request.user.is_authenticated or get_messages(request):
        return render(request, template, shape.context(texts), status=status)
    filled = {name: escaped(text) for name, text in texts.items()}
    filled |= {"csrf_token": token_of(request), "here": escaped(request.get_full_path())}
    return HttpResponse(_layout(request, template, shape) % filled, status=status)


def _layout(request: HttpRequest, template: str, shape: Shape) -> str:
    """The page with ``%(name)s`` where a text belongs."""
    match = request.resolver_match
    key = (template, match.view_name if match else "", get_language(), shape)
    if (kept := _layouts.get(key)) is not None:
        return kept
    context = shape.context(_Marks()) | {"csrf_token": _Marks()["csrf_token"]}
    page = render_to_string(template, context, _AnyStranger(request))
    if len(_layouts) >= _MOST:
        _layouts.clear()
    _layouts[key] = layout = _MARKED.sub(r"%(\1)s", page.replace("%", "%%"))
    return layout


class _Marks(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{_MARK}-{name}-"


class _AnyStranger(HttpRequest):
    """What the frame of a page asks of a request, without what is known of one visitor."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        self.path = self.path_info = request.path
        self.resolver_match = request.resolver_match
        self.user = AnonymousUser()

    def get_full_path(self, force_append_slash: bool = False) -> str:
        return _Marks()["here"]
