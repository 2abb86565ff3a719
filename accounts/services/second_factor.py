"""A second factor that its owner has lost."""

from allauth.mfa.models import Authenticator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import AccountError, AccountInputError
from accounts.models import User
from accounts.services.roles import end_sessions
from audit.services import Actor, audit_details, audited
from common import clock, formats


@audited("second_factor_reset")
def reset_second_factor(*, by: Actor, user: User, reason: str) -> None:
    """Remove a lost second factor; its owner sets up a new one at the next sign-in.

    Sessions end and the owner is notified, in case somebody else asked. Another member of the
    office does it: raises AccountError ``own_second_factor``, ``no_second_factor`` or
    ``reason_missing``.
    """
    if by.id == user.pk:
        raise AccountError(
            "own_second_factor", _("Replace your own second factor on your account page.")
        )
    if not reason.strip():
        raise AccountInputError(
            "reason_missing", _("Give the reason for resetting the second factor.")
        )
    factors = Authenticator.objects.filter(user=user)
    if not factors.exists():
        raise AccountError(
            "no_second_factor", _("%(email)s signs in without a second factor.") % {"email": user}
        )
    factors.delete()
    end_sessions(by=by, user=user)
    audit_details(user=user.pk, reason=reason)
    _notify_of_reset(user)


def _notify_of_reset(user: User) -> None:
    if not user.has_mailbox:
        return
    with translation.override(user.language):
        context = {"name": str(user), "moment": formats.instant(clock.now())}
        body = render_to_string("account/email/second_factor_reset.txt", context)
        send_mail(_("Your second factor was reset"), body, None, [user.email])
