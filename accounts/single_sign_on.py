"""Single sign-on; imported only where OIDC_SERVER_URL installs it."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library ships no types
    """Single sign-on recognises accounts that stand; it opens none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
