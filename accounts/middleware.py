"""How long a session lasts, and a second factor before office and auditors see anything."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from accounts.choices import NEEDS_SECOND_FACTOR
from common import clock

_NOTED_EVERY = 300  # seconds: a page should not cost a write


class SessionLimitsMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            now = int(clock.now().timestamp())
            begun = request.session.setdefault("begun", now)
            seen = request.session.get("seen", now)
            if now - begun > settings.SESSION_ENDS_AFTER or now - seen > settings.SESSION_IDLES_FOR:
                logout(request)
            elif now - seen >= _NOTED_EVERY or "seen" not in request.session:
                request.session["seen"] = now


class SecondFactorMiddleware(MiddlewareMixin):
    """Sends users who need a second factor and have none to the page that sets one up.

    django-allauth asks everybody else for theirs at sign-in.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if self._must_set_up(request):
            return redirect("mfa_activate_totp")
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.method == "POST" and request.path.startswith("/sign-in/2fa/"):
            # A factor may have been removed: do not trust what the session remembers.
            request.session.pop("has_second_factor", None)
        return response

    def _must_set_up(self, request: HttpRequest) -> bool:
        if not request.user.is_authenticated or request.path.startswith(_ALWAYS_OPEN):
            return False
        needs = request.user.is_superuser or request.user.has_role(*NEEDS_SECOND_FACTOR)
        if not needs or request.session.get("has_second_factor"):
            return False
        # Remembered for the session, so that a page costs no query for it.
        has = is_mfa_enabled(request.user)
        request.session["has_second_factor"] = has
        return not has and request.path != reverse("account_logout")


# /api/ answers such a session itself (accounts.api): a machine cannot follow to a form.
_ALWAYS_OPEN = ("/api/", "/sign-in/", "/static/", "/language/", "/healthz", "/readyz")
