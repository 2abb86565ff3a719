"""Every view declares its access rule; without one it is closed.

``allow`` answers *which kind of visitor*. *Which rows* is another question and is
asked of a queryset (``visible_to``): a stranger's row is a 404, a missing right a 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

ANYBODY = "anybody"
SIGNED_IN = "signed_in"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def allow(*visitors: str) -> Callable[[View], View]:
    """Open a view to ``ANYBODY``, to everybody ``SIGNED_IN``, or to the roles named."""
    if not visitors:
        raise ValueError("an access rule must name visitors")

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

        guarded.__dict__["allow"] = visitors
        return cast("View", guarded)

    return decorate


def recorded_download(view: View) -> View:
    """A download that writes an audit entry although it is a GET.

    Refused where another site's page asks for it, so that a foreign link or picture causes no
    entry. Browsers say so in Sec-Fetch-Site; programs do not.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_other_sites(request)
        return view(request, *args, **kwargs)

    guarded.__dict__["is_recorded_download"] = True
    return cast("View", guarded)


Question = TypeVar("Question", bound=Callable[..., Any])


def restricted(question: Question) -> Question:
    """A ``visible_to`` that is asked only of those in between.

    Nobody who has not signed in has rows, and whoever reads everything has all of them.
    """

    @wraps(question)
    def visible_to(rows: Any, user: Any) -> Any:
        if not user.is_authenticated:
            return rows.none()
        return rows if user.reads_everything else question(rows, user)

    return cast("Question", visible_to)


def refuse_other_sites(request: HttpRequest) -> None:
    """Error: PermissionDenied, where the page of another site asks."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise PermissionDenied(_("Another site requested this file. Open it from its page here."))
