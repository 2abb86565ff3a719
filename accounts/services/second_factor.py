"""A second factor that its owner has lost."""

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import AccountError, AccountInputError
from accounts.mail import mail_user
from accounts.models import User
from accounts.services.roles import end_sessions
from audit.services import Actor, audit_details, audited


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
    mail_user(user, gettext_lazy("Your second factor was reset"), "second_factor_reset")
