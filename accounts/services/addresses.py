"""Changing the address with which somebody signs in: proved first, then changed."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import AccountError
from accounts.mail import mail_link, mail_user
from accounts.models import AddressChange, User, is_mailbox
from accounts.services import withdraw_tokens
from accounts.services.roles import end_sessions
from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from common.encryption import keyed_digest
from common.mail_links import Link

LINK_LIVES = dt.timedelta(days=1)


@audited("address_change_asked")
def ask_for_address(*, by: Actor, user: User, email: str) -> None:
    """Mail a link to the new address and notify the old one; nothing changes before it is used.

    Does not reveal whether the address belongs to another account: then no link is mailed, and
    the answer is the same. Earlier links stop working.
    Raises AccountError ``same_address`` or ``no_mailbox``.
    """
    address = User.objects.normalize_email(email.strip()).lower()
    if address == user.email:
        raise AccountError("same_address", _("You already sign in with this address."))
    if not is_mailbox(address):
        raise AccountError("no_mailbox", _("E-mail cannot be delivered to this address."))
    AddressChange.objects.open().filter(user=user).update(withdrawn_at=clock.now())
    audit_details(user=user.pk)
    mail_user(user, gettext_lazy("Request to change your sign-in address"), "address_asked")
    if _is_taken(address, user):
        return
    until = clock.now() + LINK_LIVES
    change = AddressChange.objects.create(user=user, email=address, expires_at=until)
    link = Link("address_change", {"change": change.pk})
    subject = gettext_lazy("Confirm your new address")
    mail_link(user, subject, "address_link", link, to=address, until=until)


def address_change_by_link(*, user: User, token: str) -> AddressChange | None:
    return AddressChange.objects.filter(user=user, digest=_digest(token)).usable()


def link_for_delivery(params: Mapping[str, Any]) -> str | None:
    change = AddressChange.objects.filter(pk=params["change"]).usable()
    if change is None:
        return None
    token = secrets.token_urlsafe(32)
    AddressChange.objects.filter(pk=change.pk).update(digest=_digest(token))
    return f"{settings.SITE_URL}{reverse('confirm_address', args=[token])}"


@audited("address_changed")
def change_address(*, by: Actor, change: AddressChange) -> User:
    """Change the sign-in address to the confirmed one and notify the old one.

    Sessions and tokens end.
    Raises AccountError ``link_over`` where the link was used or withdrawn, or somebody else took
    the address meanwhile.
    """
    over = AccountError("link_over", _("This link is no longer valid."))
    if not AddressChange.objects.open().filter(pk=change.pk).update(used_at=clock.now()):
        raise over
    user: User = User.objects.select_for_update().get(pk=change.user_id)
    old = user.email
    if _is_taken(change.email, user):
        raise over
    user.email = change.email
    with violation_as(AccountError, over.code, over.message), transaction.atomic():
        user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    AddressChange.objects.open().filter(user=user).update(withdrawn_at=clock.now())
    # What else ends with an address says accounts.invalidation, where it is used.
    ended = end_sessions(by=by, user=user)
    tokens = withdraw_tokens(by=by, user=user)
    audit_details(user=user.pk, sessions=ended, tokens=tokens)
    subject = gettext_lazy("Your sign-in address has changed")
    mail_user(user, subject, "address_changed", to=old)
    return user


def _is_taken(address: str, user: User) -> bool:
    accounts = User.objects.filter(email__iexact=address).exclude(pk=user.pk)
    further = EmailAddress.objects.filter(email__iexact=address).exclude(user=user)
    return bool(accounts.exists() or further.exists())


def _digest(token: str) -> str:
    return keyed_digest("address.link", token)
