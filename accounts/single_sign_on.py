"""The way to the OpenID Connect provider and back, and out of its session at sign-out."""

import logging
import time
from dataclasses import asdict
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import openid
from accounts.errors import AccountError
from accounts.limits import SINGLE_SIGN_ONS
from accounts.models import User
from accounts.openid import Assertion, AuthorizationRequest
from accounts.services.single_sign_on import account_for
from common import throttle
from common.access import ANYBODY, allow
from common.encryption import box

logger = logging.getLogger(__name__)

_ASKED, _ID_TOKEN = "single_sign_on", "single_sign_on_id_token"  # in the session
_ANSWER_WITHIN = 600  # seconds
_MOST_ASKED = 5  # tabs at once
_STATUS = {"provider_unreachable": 503, "provider_answer": 502}


@allow(ANYBODY)
@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    _require_configured()
    if not SINGLE_SIGN_ONS.allows(request):
        return render(request, "429.html", status=429)
    asked = AuthorizationRequest.new()
    try:
        address = openid.authorization_url(asked, redirect_uri=_redirect_uri())
    except AccountError as error:
        return _refused(request, error)
    _store_pending_request(request, asked)
    return redirect(address)


@allow(ANYBODY)
@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    _require_configured()
    try:
        asked, next_url = _pop_pending_request(request)
        assertion = _assertion(request, asked)
        user = account_for(assertion)
    except AccountError as error:
        return _refused(request, error)
    return _sign_in(request, user, assertion, next_url)


def _require_configured() -> None:
    if not settings.OIDC_SERVER_URL:
        raise Http404


def _redirect_uri() -> str:
    return f"{settings.SITE_URL}{reverse('single_sign_on_back')}"


def _assertion(request: HttpRequest, asked: AuthorizationRequest) -> Assertion:
    code = request.GET.get("code", "")
    if "error" in request.GET or not code:
        message = _("%(name)s did not sign you in. Try again, or sign in with your password.")
        raise AccountError("not_signed_in", message % {"name": settings.OIDC_NAME})
    issuer = request.GET.get("iss", "")
    return openid.assertion_for(code, asked, redirect_uri=_redirect_uri(), issuer=issuer)


def _sign_in(request: HttpRequest, user: User, assertion: Assertion, next_url: str) -> HttpResponse:
    if request.user.is_authenticated:
        logout(request)
    if settings.OIDC_SIGN_OUT:
        # The hint names the person: in the session's row it is encrypted.
        request.session[_ID_TOKEN] = box().encrypt(assertion.id_token.encode()).decode()
    record_authentication(request, user, "single_sign_on", issuer=assertion.issuer)
    # From here on as after a password: the second factor is asked for where there is one.
    response: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=next_url or None
    )
    return response


def _refused(request: HttpRequest, error: AccountError) -> HttpResponse:
    logger.warning("single sign-on refused: %s from %s", error.code, throttle.address(request))
    status = _STATUS.get(error.code, 403)
    context = {"message": error.message}
    return render(request, "accounts/sign_on_refused.html", context, status=status)


# What the session remembers ---------------------------------------------------------------


def _store_pending_request(request: HttpRequest, asked: AuthorizationRequest) -> None:
    next_url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(next_url, allowed_hosts=None):
        next_url = ""
    pending = list(request.session.get(_ASKED, []))[1 - _MOST_ASKED :]
    pending.append(asdict(asked) | {"at": int(time.time()), "next": next_url})
    request.session[_ASKED] = pending


def _pop_pending_request(request: HttpRequest) -> tuple[AuthorizationRequest, str]:
    """The pending request with the state that came back, and where the visitor wanted to go.

    Works once. Raises AccountError ``not_asked``.
    """
    pending: list[dict[str, Any]] = request.session.get(_ASKED, [])
    state = request.GET.get("state", "")
    found = next((one for one in pending if one["state"] == state), None)
    request.session[_ASKED] = [one for one in pending if one is not found]
    if found is None or time.time() - found["at"] > _ANSWER_WITHIN:
        message = _(
            "This sign-in was not started in this browser or has expired. Please start again."
        )
        raise AccountError("not_asked", message)
    fields = {name: found[name] for name in ("state", "nonce", "verifier")}
    return AuthorizationRequest(**fields), found["next"]


def provider_sign_out(request: HttpRequest) -> str:
    stored = request.session.get(_ID_TOKEN)
    if not stored or not settings.OIDC_SIGN_OUT or not settings.OIDC_SERVER_URL:
        return ""
    id_token = box().decrypt(stored.encode()).decode()
    try:
        return openid.sign_out_url(id_token, back_to=f"{settings.SITE_URL}/")
    except AccountError:
        return ""  # Whoever signs out here must get out, whatever the provider does.
