"""The second factor, API tokens, and answers stored for idempotency keys."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from knox.models import AuthToken

from accounts.choices import NEEDS_SECOND_FACTOR
from accounts.errors import AccountError, AccountInputError
from accounts.models import AddressChange, RememberedAnswer, User
from audit.services import Actor, audit_details, audited
from common import clock

MOST_TOKENS = 20  # of one user at a time


@audited("second_factor_created")
def create_second_factor(*, by: Actor, user: User) -> None:
    """Replaces any secret for one-time codes that the user had."""
    from allauth.mfa.totp.internal import auth as totp

    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    audit_details(user=user.pk)


def account_with_email(email: str) -> User:
    """Raises AccountError ``unknown_user``."""
    user: User | None = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise AccountInputError("unknown_user", _("No account uses %(email)s.") % {"email": email})
    return user


def current_code(*, email: str) -> str:
    """The one-time code that this user's telephone would show now; under DEBUG alone.

    Raises AccountError ``debug_only``, ``unknown_user`` or ``no_second_factor``.
    """
    from allauth.mfa import app_settings
    from allauth.mfa.totp.internal import auth as totp
    from allauth.mfa.utils import decrypt

    if not settings.DEBUG:
        raise AccountError(
            "debug_only", _("One-time codes are shown only in development (DEBUG=1).")
        )
    factor = Authenticator.objects.filter(
        user=account_with_email(email), type=Authenticator.Type.TOTP
    ).first()
    if factor is None:
        raise AccountError(
            "no_second_factor", _("%(email)s signs in without a second factor.") % {"email": email}
        )
    counter = int(time.time()) // int(app_settings.TOTP_PERIOD)
    secret = decrypt(factor.data["secret"])
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@audited("api_token_created")
def create_token(*, by: Actor, user: User, days: int | None = None) -> str:
    """A new token of the API, shown once: only its digest is kept.

    Raises AccountError ``inactive``, ``invalid_days``, ``second_factor_missing`` or
    ``too_many_tokens``.
    """
    days = settings.API_TOKEN_DAYS if days is None else days
    if not user.is_active:
        raise AccountError("inactive", _("This account is closed."))
    if not 1 <= days <= settings.API_TOKEN_MOST_DAYS:
        raise AccountInputError(
            "invalid_days",
            _("A token is valid for 1 to %(most)s days.") % {"most": settings.API_TOKEN_MOST_DAYS},
        )
    if lacks_second_factor(user):
        raise AccountError(
            "second_factor_missing",
            _("Set up a second factor first: this role requires one."),
        )
    if AuthToken.objects.filter(user=user, expiry__gt=clock.now()).count() >= MOST_TOKENS:
        raise AccountError(
            "too_many_tokens",
            _("You can have at most %(most)s tokens: revoke one first.") % {"most": MOST_TOKENS},
        )
    _row, token = AuthToken.objects.create(user=user, expiry=dt.timedelta(days=days))
    audit_details(user=user.pk, days=days)
    return str(token)


@audited("api_tokens_withdrawn")
def withdraw_tokens(*, by: Actor, user: User, digest: str = "") -> int:
    tokens = AuthToken.objects.filter(user=user)
    _rows, by_model = (tokens.filter(digest=digest) if digest else tokens).delete()
    gone = int(by_model.get(AuthToken._meta.label, 0))
    audit_details(user=user.pk, tokens=gone)
    return gone


def lacks_second_factor(user: User) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    needs = user.is_superuser or user.has_role(*NEEDS_SECOND_FACTOR)
    return bool(needs and not is_mfa_enabled(user))


@dataclass(frozen=True, slots=True)
class Answer:
    """``replayed``: the stored response to an earlier request with the same key."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


def once(*, user: User, key: str, request_digest: str, do: Callable[[], Answer]) -> Answer:
    """Do something once per user and key; repeating the key gets the first answer.

    Key and action are written in one transaction: an action that is refused or dies leaves no
    key behind, and of two at the same moment the second waits for the first.
    Raises AccountError ``key_reused`` where the key came with another request before.
    """
    RememberedAnswer.objects.outdated().filter(user=user, key=key).delete()
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = RememberedAnswer.objects.create(
                    user=user, key=key, request_digest=request_digest
                )
        except IntegrityError:
            return _repeated(user, key, request_digest)
        answer = do()
        row.status, row.body = answer.status, answer.body
        row.save(update_fields=["status", "body"])
    return answer


def _repeated(user: User, key: str, request_digest: str) -> Answer:
    row = RememberedAnswer.objects.get(user=user, key=key)
    if row.request_digest != request_digest:
        raise AccountError(
            "key_reused", _("This Idempotency-Key was used for another request: choose a new one.")
        )
    return Answer(row.status, row.body, replayed=True)


def forget_answers() -> int:
    answers, _by_model = RememberedAnswer.objects.outdated().delete()
    _rows, by_model = AuthToken.objects.filter(expiry__lt=clock.now()).delete()
    links, _by_model = AddressChange.objects.filter(expires_at__lt=clock.now()).delete()
    return int(answers + by_model.get(AuthToken._meta.label, 0) + links)
