"""Who may do what from when to when, and whose account is open at all."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.errors import AccountError, AccountInputError
from accounts.models import RoleGrant, User
from accounts.services import withdraw_tokens
from audit.services import Actor, audit_details, audited
from common import clock


@audited("role_granted")
def grant_role(*, by: Actor, user: User, role: str, until: dt.date | None = None) -> RoleGrant:
    """Grant a role, or change its last day.

    Raises AccountError ``unknown_role``, ``day_has_passed``, or ``last_day_missing`` for an
    auditor without ``until``.
    """
    if role not in Role.values:
        raise AccountInputError("unknown_role", _("Unknown role."))
    if role == Role.AUDITOR and until is None:
        raise AccountError("last_day_missing", _("Enter the last day of the auditor's access."))
    if until and until < clock.today():
        raise AccountError("day_has_passed", _("The last day is in the past."))
    if role == Role.PROGRAMME_OFFICE and until:
        _require_another_office(user)
    grant, _new = RoleGrant.objects.update_or_create(
        user=user, role=role, defaults={"until": until, "granted_at": clock.now()}
    )
    user.__dict__.pop("roles", None)
    audit_details(user=user.pk, role=role, until=until)
    return grant


@audited("role_ended")
def end_role(*, by: Actor, user: User, role: str) -> None:
    """End a role as of yesterday.

    Raises AccountError ``no_such_grant``, or ``last_office`` where nobody would be left in charge.
    """
    grant = RoleGrant.objects.in_force().select_for_update().filter(user=user, role=role).first()
    if grant is None:
        raise AccountError("no_such_grant", _("This user does not have the role."))
    if role == Role.PROGRAMME_OFFICE:
        _require_another_office(user)
    grant.until = clock.today() - dt.timedelta(days=1)
    grant.save(update_fields=["until"])
    user.__dict__.pop("roles", None)
    audit_details(user=user.pk, role=role)


@audited("account_closed")
def close_account(*, by: Actor, user: User) -> None:
    if user.has_role(Role.PROGRAMME_OFFICE):
        _require_another_office(user)
    closed_times = F("closed_times") + 1
    User.objects.filter(pk=user.pk).update(is_active=False, closed_times=closed_times)
    user.is_active = False
    ended = end_sessions(by=by, user=user)
    tokens = withdraw_tokens(by=by, user=user)
    audit_details(user=user.pk, sessions=ended, tokens=tokens)


@audited("account_reopened")
def reopen_account(*, by: Actor, user: User) -> None:
    """Password and roles are as before.

    What the closing ended stays ended (``accounts.invalidation``).
    """
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True
    audit_details(user=user.pk)


@audited("sessions_ended")
def end_sessions(*, by: Actor, user: User) -> int:
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    audit_details(user=user.pk, sessions=len(sessions))
    return len(sessions)


def _require_another_office(user: User) -> None:
    # Somebody else must hold the role without a last day, or nobody could grant roles again.
    others = RoleGrant.objects.select_for_update().filter(
        role=Role.PROGRAMME_OFFICE, until=None, user__is_active=True
    )
    if not others.exclude(user=user).exists():
        raise AccountError(
            "last_office",
            _("No one else has the programme office role: give it to someone first."),
        )
