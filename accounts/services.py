"""Deeds about sign-ins: the second factor."""

import time

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import AccountError
from accounts.models import User
from audit.services import Actor, deed, note


@deed("second_factor_given")
def give_second_factor(*, by: Actor, user: User) -> None:
    """Give a user a new secret for one-time codes, in place of any they had."""
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    note(user=user.pk)


def current_code(*, email: str) -> str:
    """The one-time code that this user's telephone would show now; under DEBUG alone.

    Raises AccountError ``debug_only``, ``unknown_user`` or ``no_second_factor``.
    """
    if not settings.DEBUG:
        raise AccountError(
            "debug_only", _("One-time codes are shown in development (DEBUG=1) only.")
        )
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise AccountError("unknown_user", _("Nobody signs in as %(email)s.") % {"email": email})
    factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if factor is None:
        raise AccountError(
            "no_second_factor", _("%(email)s signs in without a second factor.") % {"email": email}
        )
    counter = int(time.time()) // int(app_settings.TOTP_PERIOD)
    secret = decrypt(factor.data["secret"])
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))
