"""Doors: every view says who may enter; what nobody opened stays shut.

``open_to`` answers *which kind of visitor*. *Which rows* is another question and is
asked of a queryset (``visible_to``): a stranger's row is a 404, a missing right a 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

ANYBODY = "anybody"
SIGNED_IN = "signed_in"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_to(*visitors: str) -> Callable[[View], View]:
    """Open a view to ``ANYBODY``, to everybody ``SIGNED_IN``, or to the roles named."""
    if not visitors:
        raise ValueError("a door must say to whom it opens")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if ANYBODY in visitors:
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if SIGNED_IN not in visitors and not request.user.has_role(*visitors):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.open_to = visitors  # type: ignore[attr-defined]  # a mark put on the function
        return guarded  # type: ignore[return-value]  # wraps keeps the signature

    return decorate
