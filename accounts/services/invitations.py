"""Accounts are opened for people, who then claim them: by a mailed link or a printed code."""

import datetime as dt
import secrets
from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.models import NO_MAILBOX, Invitation, User
from accounts.services.roles import grant_role
from audit.services import Actor, deed, note
from common import clock, formats
from common.encryption import keyed_digest

LINK_LIVES = dt.timedelta(days=14)
CODE_LIVES = dt.timedelta(days=45)  # a letter travels through a registry
# Read from paper and typed: no vowels, no look-alikes. 12 letters of 27 are 57 bits.
_CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
_CODE_LENGTH = 12


@deed("account_invited")
def invite(
    *,
    by: Actor,
    email: str,
    full_name: str,
    roles: Mapping[str, dt.date | None],
    language: str = "vi",
) -> User:
    """Open an account with its roles and mail the link that claims it.

    Raises AccountError ``already_has_account`` or what ``grant_role`` refuses.
    """
    user = open_account(email=email, full_name=full_name, roles=roles, by=by, language=language)
    send_link(by=by, user=user)
    note(user=user.pk, roles=sorted(roles))
    return user


def open_account(
    *,
    by: Actor,
    email: str,
    full_name: str,
    roles: Mapping[str, dt.date | None],
    language: str = "vi",
) -> User:
    """An account that nobody can sign in to yet; part of a deed."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, full_name=full_name, language=language)
    except IntegrityError:
        raise AccountError(
            "already_has_account", _("There is already an account with this e-mail address.")
        ) from None
    for role, until in roles.items():
        grant_role(by=by, user=user, role=role, until=until)
    return user


def address_of(handle: str) -> str:
    """The sign-in address of somebody without e-mail, by their trainee code."""
    return f"{handle.strip().lower()}{NO_MAILBOX}"


@deed("invitation_sent")
def send_link(*, by: Actor, user: User) -> Invitation:
    """Mail a link that works once, for two weeks; links and codes from before work no more.

    Raises AccountError ``no_mailbox`` or ``inactive``.
    """
    if not user.has_mailbox:
        raise AccountError("no_mailbox", _("This person has no e-mail address: print a letter."))
    invitation, address = _link(by, user)
    _mail_link(invitation, address)
    note(user=user.pk)
    return invitation


@deed("office_invited")
def invite_office(*, by: Actor, email: str, full_name: str = "") -> str:
    """Let somebody run the programme, the first of all too; the link that claims the account.

    The link is mailed and also returned, for the server's own shell: on a first start mail may
    not work yet. Empty where the account is in use: it only gets the role.
    Raises AccountError ``invalid_email`` or ``inactive``.
    """
    user = User.objects.filter(email__iexact=email.strip()).first() or open_account(
        email=_read_address(email), full_name=full_name, roles={}, by=by
    )
    if not user.is_active:
        raise AccountError("inactive", _("This account is closed."))
    grant_role(by=by, user=user, role=Role.PROGRAMME_OFFICE)
    note(user=user.pk)
    if user.has_usable_password():
        return ""
    invitation, address = _link(by, user)
    _mail_link(invitation, address)
    return address


def _read_address(text: str) -> str:
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise AccountError("invalid_email", _("This is not an e-mail address.")) from None
    return address


def _link(by: Actor, user: User) -> tuple[Invitation, str]:
    """An invitation and the address that claims it, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    invitation = _invitation(by, user, _digest_of_token(token), LINK_LIVES, is_letter=False)
    return invitation, f"{settings.SITE_URL}{reverse('claim_by_link', args=[token])}"


def _mail_link(invitation: Invitation, address: str) -> None:
    user = invitation.user
    with translation.override(user.language):
        context = {
            "name": user.full_name or user.email,
            "address": address,
            "until": formats.instant(invitation.expires_at),
        }
        body = render_to_string("account/email/invitation.txt", context)
        send_mail(_("Your account for the AI training programme"), body, None, [user.email])


def make_code(*, by: Actor, user: User) -> str:
    """A code for a printed letter, shown once; part of the deed that prints it."""
    code = "".join(secrets.choice(_CODE_LETTERS) for _letter in range(_CODE_LENGTH))
    digest = _digest_of_code(user.sign_in_name, code)
    _invitation(by, user, digest, CODE_LIVES, is_letter=True)
    return "-".join(code[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def _invitation(
    by: Actor, user: User, digest: str, lives: dt.timedelta, *, is_letter: bool
) -> Invitation:
    if not user.is_active:
        raise AccountError("inactive", _("This account is closed."))
    Invitation.objects.open().filter(user=user).update(withdrawn_at=clock.now())
    return Invitation.objects.create(
        user=user,
        digest=digest,
        is_letter=is_letter,
        recorded_by=by.label,
        expires_at=clock.now() + lives,
    )


def invitation_by_link(token: str) -> Invitation | None:
    """The open invitation that a link belongs to."""
    return _open(_digest_of_token(token))


def invitation_by_code(handle: str, code: str) -> Invitation | None:
    """The open invitation of a printed code, for the trainee code that stands beside it."""
    plain = "".join(letter for letter in code.upper() if letter in _CODE_LETTERS)
    return _open(_digest_of_code(handle.strip().upper(), plain))


def _open(digest: str) -> Invitation | None:
    found = Invitation.objects.open().filter(digest=digest, user__is_active=True)
    return found.select_related("user").first()


def _digest_of_token(token: str) -> str:
    return keyed_digest("invitation.link", token)


def _digest_of_code(handle: str, code: str) -> str:
    return keyed_digest("invitation.code", f"{handle.upper()} {code}")


@deed("account_claimed")
def claim_account(*, by: Actor, invitation: Invitation, password: str) -> User:
    """Set the password of an account by its invitation, which is used up by it.

    Raises AccountError ``invitation_over`` where it was used, withdrawn or is too old; of two at
    the same moment one wins.
    """
    mine = Invitation.objects.open().filter(pk=invitation.pk)
    if not mine.update(used_at=clock.now()):
        raise AccountError("invitation_over", _("This invitation no longer works."))
    user = invitation.user
    user.set_password(password)
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    note(user=user.pk, letter=invitation.is_letter)
    return user
