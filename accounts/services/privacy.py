"""What becomes of the account of somebody who was erased."""

import json
from itertools import chain

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from knox.models import AuthToken

from accounts.choices import Role
from accounts.models import (
    NO_MAILBOX,
    AddressChange,
    Invitation,
    RememberedAnswer,
    RoleGrant,
    SavedFilter,
    SignOnIdentity,
    User,
)
from common.personal_data import Subject
from common.vietnamese import search_key

_OF_ACCOUNT: tuple[type[Model], ...] = (
    EmailAddress, Authenticator, AuthToken, Invitation, AddressChange, SignOnIdentity, RoleGrant,
    SavedFilter,
)  # fmt: skip


def erase(subject: Subject) -> int:
    """Close and anonymise the account of a trainee.

    Whoever also acts for the programme keeps theirs: official actions are answered for by name.
    """
    own = User.objects.filter(pk__in=subject.user_ids)
    plain = [user for user in own if user.roles <= {Role.TRAINEE} and not user.is_staff]
    for user in plain:
        _close(user)
    for entry in LogEntry.objects.iterator():
        if subject.is_named_in(f"{entry.object_repr}\n{entry.change_message}"):
            LogEntry.objects.filter(pk=entry.pk).update(object_repr=subject.code, change_message="")
    RememberedAnswer.objects.filter(user__in=plain).delete()
    for answer in RememberedAnswer.objects.iterator():
        if subject.is_named_in(json.dumps(answer.body, ensure_ascii=False)):
            RememberedAnswer.objects.filter(pk=answer.pk).update(body=None)
    for saved in SavedFilter.objects.iterator():
        if _is_sought_by(saved, subject):
            saved.delete()
    return len(plain)


def _is_sought_by(saved: SavedFilter, subject: Subject) -> bool:
    """Searches find names without their accents, so such a filter names the person too."""
    words = (saved.name, *chain.from_iterable(saved.asked.values()))
    text = search_key(" ".join(words))
    sought = (subject.code, *subject.names, *subject.numbers, *subject.emails)
    return any(search_key(one) in text for one in sought if one)


def _close(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
    for model in _OF_ACCOUNT:
        model._default_manager.filter(user=user).delete()
    user.staff_number_digest = None
    user.email, user.full_name = f"erased-{user.pk}{NO_MAILBOX}", ""
    user.is_active = False
    user.closed_times += 1
    user.set_unusable_password()
    user.save()
