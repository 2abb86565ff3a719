"""Changing the address with which somebody signs in: proved first, then changed."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import AccountError
from accounts.models import AddressChange, User, is_mailbox
from accounts.querysets import AddressChangeQuerySet
from accounts.services import withdraw_tokens
from accounts.services.roles import end_sessions
from audit.services import Actor, audit_details, audited
from common import clock, formats
from common.constraints import violation_as
from common.encryption import keyed_digest
from common.mail_links import LINK, Link, send_with_link

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
    _notify(
        user, user.email, gettext_lazy("Request to change your sign-in address"), "address_asked"
    )
    if _is_taken(address, user):
        return
    _mail_link(
        AddressChange.objects.create(user=user, email=address, expires_at=clock.now() + LINK_LIVES)
    )


def address_change_by_link(*, user: User, token: str) -> AddressChange | None:
    return _still_open(AddressChange.objects.filter(user=user, digest=_digest(token)))


def link_for_delivery(params: Mapping[str, Any]) -> str | None:
    change = _still_open(AddressChange.objects.filter(pk=params["change"]))
    if change is None:
        return None
    token = secrets.token_urlsafe(32)
    AddressChange.objects.filter(pk=change.pk).update(digest=_digest(token))
    return f"{settings.SITE_URL}{reverse('confirm_address', args=[token])}"


def _still_open(found: AddressChangeQuerySet) -> AddressChange | None:
    change = found.open().select_related("user").first()
    return change if change and change.user.is_active and change.is_good else None


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
    _notify(user, old, gettext_lazy("Your sign-in address has changed"), "address_changed")
    return user


def _is_taken(address: str, user: User) -> bool:
    accounts = User.objects.filter(email__iexact=address).exclude(pk=user.pk)
    further = EmailAddress.objects.filter(email__iexact=address).exclude(user=user)
    return bool(accounts.exists() or further.exists())


def _digest(token: str) -> str:
    return keyed_digest("address.link", token)


def _mail_link(change: AddressChange) -> None:
    with translation.override(change.user.language):
        context = {
            "name": str(change.user),
            "address": LINK,
            "until": formats.instant(change.expires_at),
        }
        body = render_to_string("account/email/address_link.txt", context)
        message = EmailMessage(_("Confirm your new address"), body, to=[change.email])
        send_with_link(message, Link("address_change", {"change": change.pk}))


def _notify(user: User, recipient: str, subject: Promise, template: str) -> None:
    """Does nothing for addresses that no mail can reach."""
    if not is_mailbox(recipient):
        return
    with translation.override(user.language):
        context = {"name": user.full_name or recipient, "moment": formats.instant(clock.now())}
        body = render_to_string(f"account/email/{template}.txt", context)
        send_mail(str(subject), body, None, [recipient])
