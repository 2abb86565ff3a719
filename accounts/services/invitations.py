"""Accounts are opened for people, who then claim them: by a mailed link or a printed code."""

import datetime as dt
import secrets
import unicodedata
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import Role
from accounts.errors import AccountError, AccountInputError
from accounts.mail import mail_link
from accounts.models import NO_MAILBOX, Invitation, User
from accounts.services.roles import grant_role
from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from common.encryption import keyed_digest
from common.identity import IdentityError, parse_name
from common.mail_links import Link
from common.vietnamese import tidy

LINK_LIVES = dt.timedelta(days=14)
INVITATION = "invitation"  # the kind of link, for common.mail_links
CODE_LIVES = dt.timedelta(days=45)  # a letter travels through a registry
# Read from paper and typed: no vowels, no look-alikes. 12 letters of 27 are 57 bits.
_CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
_CODE_LENGTH = 12


@audited("account_invited")
def invite(
    *,
    by: Actor,
    email: str,
    full_name: str,
    roles: Mapping[str, dt.date | None],
    language: str = "vi",
) -> User:
    """Open an account with its roles and mail the link that claims it.

    Raises AccountError ``already_has_account``, why the name is none, or what ``grant_role``
    refuses.
    """
    name = _read_name(full_name)
    user = open_account(email=email, full_name=name, roles=roles, by=by, language=language)
    send_link(by=by, user=user)
    audit_details(user=user.pk, roles=sorted(roles))
    return user


def open_account(
    *,
    by: Actor,
    email: str,
    full_name: str,
    roles: Mapping[str, dt.date | None],
    language: str = "vi",
) -> User:
    # Nobody can sign in to it yet: it has no password.
    exists = _("An account with this e-mail address already exists.")
    with violation_as(AccountError, "already_has_account", exists), transaction.atomic():
        user = User.objects.create_user(email, full_name=full_name, language=language)
    for role, until in roles.items():
        grant_role(by=by, user=user, role=role, until=until)
    return user


def address_of(handle: str) -> str:
    return f"{canonical_login(handle)}{NO_MAILBOX}"


def canonical_login(text: str) -> str:
    """The form in which sign-in compares an address or trainee code, and its limits count it.

    Without case, surrounding blanks and invisible characters; full-width letters as plain ones.
    """
    return tidy(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tidy(text)).lower()))


@audited("invitation_sent")
def send_link(*, by: Actor, user: User) -> Invitation:
    """Mail a link that works once, for two weeks; earlier links and codes stop working.

    Raises AccountError ``no_mailbox`` or ``inactive``.
    """
    if not user.has_mailbox:
        raise AccountError(
            "no_mailbox", _("This person has no e-mail address: print a letter instead.")
        )
    invitation, _made_at_once = _mail_new_link(by, user)
    audit_details(user=user.pk)
    return invitation


def resend_link_if_unclaimed(*, by: Actor, user: User) -> None:
    """A change of the account has ended the link that was mailed before.

    Does nothing where the account is in use, closed, or has no mailbox.
    """
    if user.is_active and user.has_mailbox and not user.is_in_use:
        send_link(by=by, user=user)


@audited("office_invited")
def invite_office(*, by: Actor, email: str, full_name: str = "") -> str:
    """Grant the office's role, opening an account if needed; returns the link that claims it.

    The link is mailed and one is returned, for the server's own shell: on a first start mail may
    not work yet. Where the mail waits in the outbox they are two, and using one ends the other.
    Empty where the account is in use: it only gets the role.
    Raises AccountError ``invalid_email`` or ``inactive``.
    """
    user = User.objects.filter(email__iexact=email.strip()).first() or open_account(
        email=_read_address(email), full_name=_read_name(full_name), roles={}, by=by
    )
    if not user.is_active:
        raise AccountError("inactive", _("This account is closed."))
    grant_role(by=by, user=user, role=Role.PROGRAMME_OFFICE)
    audit_details(user=user.pk)
    if user.has_usable_password():
        return ""
    _mailed, made_at_once = _mail_new_link(by, user)
    return made_at_once or _new_address(_invitation(by, user, LINK_LIVES))


def _read_name(text: str) -> str:
    try:
        return parse_name(text) if text.strip() else ""
    except IdentityError as error:
        raise AccountError(error.code, error.sentence) from None


def _read_address(text: str) -> str:
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise AccountInputError("invalid_email", _("Enter a valid e-mail address.")) from None
    return address


def _mail_new_link(by: Actor, user: User) -> tuple[Invitation, str | None]:
    """Ends earlier invitations; the link is None if it is made only at delivery."""
    _withdraw_others(user)
    invitation = _invitation(by, user, LINK_LIVES)
    link = Link(INVITATION, {"invitation": invitation.pk})
    subject = gettext_lazy("Your account for the AI training programme")
    until = invitation.expires_at
    return invitation, mail_link(user, subject, "invitation", link, to=user.email, until=until)


def link_for_delivery(params: Mapping[str, Any]) -> str | None:
    found = Invitation.objects.filter(pk=params["invitation"], is_letter=False)
    invitation = found.usable()
    return _new_address(invitation) if invitation else None


def _new_address(invitation: Invitation) -> str:
    """Stored as a digest only; an earlier link of the invitation stops working."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=invitation.pk).update(digest=_digest_of_token(token))
    return f"{settings.SITE_URL}{reverse('claim_by_link', args=[token])}"


def make_code(*, by: Actor, user: User) -> str:
    code = "".join(secrets.choice(_CODE_LETTERS) for _letter in range(_CODE_LENGTH))
    _withdraw_others(user)
    _invitation(by, user, CODE_LIVES, letter=_digest_of_code(user.sign_in_name, code))
    return "-".join(code[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def _withdraw_others(user: User) -> None:
    Invitation.objects.open().filter(user=user).update(withdrawn_at=clock.now())


def _invitation(
    by: Actor, user: User, lives: dt.timedelta, *, letter: str | None = None
) -> Invitation:
    if not user.is_active:
        raise AccountError("inactive", _("This account is closed."))
    return Invitation.objects.create(
        user=user,
        digest=letter,
        is_letter=letter is not None,
        recorded_by=by.label,
        expires_at=clock.now() + lives,
    )


def invitation_by_link(token: str) -> Invitation | None:
    found = Invitation.objects.filter(digest=_digest_of_token(token), is_letter=False)
    return found.usable()


def invitation_by_code(handle: str, code: str) -> Invitation | None:
    plain = "".join(letter for letter in code.upper() if letter in _CODE_LETTERS)
    digest = _digest_of_code(handle, plain)
    return Invitation.objects.filter(digest=digest, is_letter=True).usable()


def _digest_of_token(token: str) -> str:
    return keyed_digest("invitation.link", token)


def _digest_of_code(handle: str, code: str) -> str:
    return keyed_digest("invitation.code", f"{canonical_login(handle).upper()} {code}")


@audited("account_claimed")
def claim_account(*, by: Actor, invitation: Invitation, password: str) -> User:
    """Set the password of an account and use up its invitation.

    Raises AccountError ``invitation_over`` where it was used, withdrawn or is too old; of two at
    the same moment one wins.
    """
    # Locked first: of two who claim by two invitations, the second sees the password of the first.
    User.objects.select_for_update().get(pk=invitation.user_id)
    mine = Invitation.objects.filter(pk=invitation.pk).usable()
    used = mine and Invitation.objects.open().filter(pk=mine.pk).update(used_at=clock.now())
    if not mine or not used:
        raise AccountError("invitation_over", _("This invitation is no longer valid."))
    user = mine.user
    user.set_password(password)
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    audit_details(user=user.pk, letter=mine.is_letter)
    return user
