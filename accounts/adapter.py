"""How django-allauth behaves here: accounts by invitation, secrets encrypted at rest."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.choices import NEEDS_SECOND_FACTOR, Role
from accounts.invalidation import Secret, is_state_current, state_of
from accounts.models import NO_MAILBOX, RoleGrant, User
from accounts.services.invitations import canonical_login
from accounts.sessions import PREVIOUS_VISIT
from accounts.single_sign_on import provider_sign_out
from audit.services import digest
from common import throttle
from common.encryption import box
from common.mail_links import LINK, Link, send_with_link
from common.mail_marks import mark

logger = logging.getLogger(__name__)


_BEGUN_IN = "sign_in_begun_in"  # in the session: the state of the account

# How allauth's templates name the links that let their reader in, and the keys inside them.
_LINKS, _KEYS = ("password_reset_url", "activate_url"), ("key", "uid", "code")


def _wanted_link(email: str, context: dict[str, Any]) -> Link | None:
    user: Any = context.get("user")
    if "password_reset_url" in context:
        state = state_of(user, Secret.PASSWORD_RESET)
        return Link("password_reset", {"user": user.pk, "state": state})
    if "activate_url" in context:
        address = EmailAddress.objects.get(user=user, email__iexact=email)
        state = state_of(user, Secret.ADDRESS_CHANGE)
        return Link("address_proof", {"address": address.pk, "state": state})
    return None


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPEN_REGISTRATION)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        # Registration makes a trainee, whatever roles the form carried.
        saved: User = super().save_user(request, user, form, commit)
        RoleGrant.objects.get_or_create(user=saved, role=Role.TRAINEE)
        return saved

    def pre_login(self, request: HttpRequest, user: User, **named: Any) -> HttpResponse | None:
        # Remembers the account's state: it may change before the second factor is given.
        request.session[_BEGUN_IN] = state_of(user, Secret.SIGN_IN)
        response: HttpResponse | None = super().pre_login(request, user, **named)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        begun_in = request.session.pop(_BEGUN_IN, "")
        if not is_state_current(user, Secret.SIGN_IN, begun_in):
            raise ImmediateHttpResponse(redirect("account_login"))
        visited = user.last_login
        super().login(request, user)
        if visited:
            request.session[PREVIOUS_VISIT] = visited.isoformat()
        logger.info("signed in: user %s from %s", user.pk, throttle.address(request))

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """To the provider where that ends its session too, else to the usual page."""
        return provider_sign_out(request) or str(super().get_logout_redirect_url(request))

    def logout(self, request: HttpRequest) -> None:
        logger.info("signed out: user %s", request.user.pk)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # The login is logged as a digest: it may be a password typed into the wrong field.
        typed = digest(str(credentials.get("email", "")).lower())
        logger.warning("sign-in refused: %s from %s", typed, throttle.address(request))
        super().authentication_failed(request, **credentials)

    def send_account_already_exists_mail(self, email: str) -> None:
        # Known and unknown addresses get the same page; the owner gets a mail.
        page = f"{settings.SITE_URL}{reverse('account_reset_password')}"
        self.send_mail("account/email/account_already_exists", email, {"password_reset_page": page})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if email.endswith(NO_MAILBOX):
            return
        link = _wanted_link(email, context)
        if link is None:
            super().send_mail(template_prefix, email, context)
            return
        texts = {"request": self.request, "email": email, **context, **dict.fromkeys(_LINKS, LINK)}
        # Neither the key nor a part of it can come into the texts.
        without_keys = {name: value for name, value in texts.items() if name not in _KEYS}
        send_with_link(self.render_mail(template_prefix, email, without_keys), link)

    def render_mail(self, *args: Any, **named: Any) -> EmailMessage:
        message: EmailMessage = super().render_mail(*args, **named)
        return mark(message, kind="security", path=reverse("mfa_index"))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Counts failures by the value that sign-in compares."""
        return canonical_login(str(credentials.get("email", "")))


class EncryptedMFAAdapter(DefaultMFAAdapter):
    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        if types is not None or user.is_anonymous:
            return bool(super().is_mfa_enabled(user, types))
        # A plain statement, as in accounts.backends: the API asks at every call.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM mfa_authenticator WHERE user_id = %s LIMIT 1", [user.pk])
            return cursor.fetchone() is not None

    def encrypt(self, text: str) -> str:
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whoever needs a second factor can replace the last one, not remove it."""
        user: User = authenticator.user
        if not user.is_superuser and not user.has_role(*NEEDS_SECOND_FACTOR):
            return True
        factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        others = Authenticator.objects.filter(user=user, type__in=factors)
        return bool(others.exclude(pk=authenticator.pk).exists())
