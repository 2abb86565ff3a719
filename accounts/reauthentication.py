"""Asking again who somebody is before they change what they sign in with."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.limits import OWN_SECRETS
from common.access import View

_PASSWORD, _SECOND_FACTOR = "password", "mfa"
# Tries at one's own password or code while signed in, of one account, whichever form asks.


def confirms_identity(
    *, also_asks_password: bool = False, allow_get: bool = False
) -> Callable[[View], View]:
    """A view that asks for the password again, and for the second factor where there is one.

    ``also_asks_password``: its own form asks for the password, so only the factor is asked here.
    ``allow_get``: looking is free, sending the form is not.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated or (allow_get and request.method == "GET"):
                return view(request, *args, **kwargs)
            if not request.user.has_usable_password() and not _methods(request, _SECOND_FACTOR):
                messages.error(
                    request, _("Set a password first: we will send a link to your e-mail address.")
                )
                return redirect("account_reset_password")
            missing = _missing(request, () if also_asks_password else (_PASSWORD,))
            return _ask(request, missing) if missing else view(request, *args, **kwargs)

        guarded.__dict__["confirms_identity"] = True
        return cast("View", guarded)

    return decorate


def _missing(request: HttpRequest, ways: tuple[str, ...]) -> str:
    given = _recently_confirmed(request)
    for way in (*ways, _SECOND_FACTOR):
        methods = _methods(request, way)
        if methods and way not in given:
            return str(methods[0]["url"])
    return ""


def _recently_confirmed(request: HttpRequest) -> set[str]:
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return {one["method"] for one in records if one.get("reauthenticated") and one["at"] > since}


def _methods(request: HttpRequest, way: str) -> list[dict[str, Any]]:
    offered = get_adapter(request).get_reauthentication_methods(request.user)
    is_factor = way == _SECOND_FACTOR
    return [one for one in offered if one["id"].startswith("mfa_") == is_factor]


def _ask(request: HttpRequest, address: str) -> HttpResponseBase:
    if any("password" in name for name in request.POST):
        # A form that waits for the answer rests in the session: never one with a password in it.
        return redirect(f"{address}?{urlencode({'next': request.path})}")
    response: HttpResponseBase = suspend_request(request, address)
    return response


def limits_guesses(view: View) -> View:
    # Counts every POST of a signed-in visitor: one limit per account over all such forms.
    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_try = request.method == "POST" and request.user.is_authenticated
        if is_try and not OWN_SECRETS.allows(request, request.user.pk):
            return render(request, "429.html", status=429)
        return view(request, *args, **kwargs)

    limited.__dict__["limits_guesses"] = True
    return cast("View", limited)
