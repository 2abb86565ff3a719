"""Who may sign in, and for which roles."""

import json
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.choices import OVERSEERS, Language, Role
from accounts.invalidation import Secret, facts_of, is_state_current, state_of
from accounts.querysets import (
    AddressChangeQuerySet,
    InvitationQuerySet,
    RememberedAnswerQuerySet,
    RoleGrantQuerySet,
    UserQuerySet,
)
from audit.services import Actor
from common import clock
from common.encryption import EncryptedJSONField, keyed_digest
from common.person_names import PersonNameField

# Whoever has no e-mail address gets one that no mail can ever reach (RFC 2606).
NO_MAILBOX = "@no-mailbox.invalid"


def is_mailbox(address: str | None) -> bool:
    """Whether mail to this address can reach anybody."""
    return bool(address) and not str(address).endswith(NO_MAILBOX)


def staff_number_digest(number: str) -> str:
    """The blind index of a staff number: spaces and capitals make no difference."""
    return keyed_digest("user.staff_number", "".join(number.split()).casefold())


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # made of a queryset at run time
    """Users are known by their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Also of the programme office: without a role no page of ours would open."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.role_grants.create(role=Role.PROGRAMME_OFFICE)
        return user


class User(AbstractUser):
    """A person who signs in. Whom they train or act for is said by other rooms."""

    username = None  # type: ignore[assignment]  # AbstractUser's, left out here
    first_name = None  # type: ignore[assignment]  # AbstractUser's, left out here
    last_name = None  # type: ignore[assignment]  # AbstractUser's, left out here
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = PersonNameField(_("full name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.VIETNAMESE
    )

    # The blind index of a number that the agency's directory knows this person by; the number
    # itself is not stored. Null, not empty, where there is none: many may have none.
    staff_number_digest = models.CharField(  # noqa: DJ001 - unique, and most have none
        max_length=64, unique=True, null=True, editable=False
    )
    # Two counters that secrets given earlier are compared with (accounts.invalidation).
    second_factors_lost = models.PositiveIntegerField(default=0, editable=False)
    closed_times = models.PositiveIntegerField(default=0, editable=False)
    # One for each link to a new password that was mailed: the newest alone works.
    password_resets = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles in force today."""
        return frozenset(self.role_grants.in_force().values_list("role", flat=True))

    def has_role(self, *roles: str) -> bool:
        """Whether one of the roles is in force today."""
        return not self.roles.isdisjoint(roles)

    @property
    def reads_everything(self) -> bool:
        """The programme office and auditors see every row; what they may do differs."""
        return self.has_role(*OVERSEERS)

    @property
    def has_mailbox(self) -> bool:
        """Whether mail can reach this user: who has no e-mail signs in with a name of ours."""
        return is_mailbox(self.email)

    @property
    def is_in_use(self) -> bool:
        """Whether its owner has a password, or has come in by single sign-on."""
        return self.has_usable_password() or self.last_login is not None

    @property
    def sign_in_name(self) -> str:
        """What this user types to sign in: the e-mail address, or the trainee code."""
        return self.email if self.has_mailbox else self.email.removesuffix(NO_MAILBOX).upper()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What Django compares at every request: a session ends with more than the password."""
        facts = json.dumps(facts_of(self, Secret.SESSION))
        return salted_hmac("accounts.session", facts, secret, algorithm="sha256").hexdigest()

    def as_actor(self) -> Actor:
        """How the record of deeds names this user.

        The record is never rewritten, so it takes no name that its bearer may have erased:
        whoever acts for nobody but themselves stands there by number.
        """
        if self.roles <= {Role.TRAINEE} and not self.is_staff:
            return Actor(self.pk, f"trainee account {self.pk}")
        return Actor(self.pk, str(self))


class SignOnIdentity(models.Model):
    """Who an account is at the single sign-on: issuer and subject of its first sign-in there."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_on_identities")
    issuer = models.CharField(max_length=250)
    subject = models.CharField(max_length=255)
    state = models.CharField(
        max_length=64, blank=True, help_text="Of the account: accounts.invalidation."
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("issuer", "subject"), name="one_account_per_sign_on_subject"
            ),
            models.UniqueConstraint(fields=("user", "issuer"), name="one_subject_per_account"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.issuer}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Remembered for the state that the account is in now."""
        if self._state.adding:
            self.state = state_of(self.user, Secret.SIGN_ON)
        super().save(*args, **kwargs)

    @property
    def is_good(self) -> bool:
        """Whether the account is still named by what it was recognised by."""
        return is_state_current(self.user, Secret.SIGN_ON, self.state)


class RoleGrant(models.Model):
    """A role held by a user, for auditors until a last day."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    until = models.DateField(null=True, blank=True)
    granted_at = models.DateTimeField(default=clock.now)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "role"), name="one_grant_per_user_and_role"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class RememberedAnswer(models.Model):
    """What a write through the API answered, kept under the key that its sender chose.

    The same key answers the same again and does nothing twice, until it is forgotten.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="remembered_answers")
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedJSONField(null=True)
    recorded_at = models.DateTimeField(default=clock.now, db_index=True)

    objects = RememberedAnswerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "key"), name="one_answer_per_user_and_key"),
        )

    def __str__(self) -> str:
        return self.key


class Invitation(models.Model):
    """A way to claim an account once: a link that was mailed, or a code on a printed letter.

    Only digests are kept: who reads the table can claim nothing. A link that is still to be mailed
    has none: it is made while its message is delivered.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - many have none
    state = models.CharField(
        max_length=64, blank=True, help_text="Of the account: accounts.invalidation."
    )
    is_letter = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.user_id} {self.recorded_at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever makes an invitation, it is good for the state that the account is in now."""
        if self._state.adding:
            self.state = state_of(self.user, self.secret)
        super().save(*args, **kwargs)

    @property
    def secret(self) -> Secret:
        return Secret.LETTER if self.is_letter else Secret.INVITATION

    @property
    def is_good(self) -> bool:
        """Whether nothing has happened to the account that ends its invitations."""
        return is_state_current(self.user, self.secret, self.state)


class TokenState(models.Model):
    """The state of the account that a token of the API was given in (``accounts.invalidation``)."""

    token = models.OneToOneField(
        "knox.AuthToken", on_delete=models.CASCADE, primary_key=True, related_name="given_in"
    )
    state = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.token_id)[:8]


class SessionKey(str):
    """The digest by which a session is known in the database; equal to the key it was made of.

    A text that is no ``SessionKey`` is what a browser sent, also where it is a copied digest.
    """

    __slots__ = ()

    @classmethod
    def of(cls, key: str) -> "SessionKey":
        return key if isinstance(key, cls) else cls(keyed_digest("session", key)[:40])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str.__eq__(self, SessionKey.of(other))

    __hash__ = str.__hash__


class SessionKeyField(models.CharField[Any, Any]):
    """The key of a session, of which only a digest rests."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else str(SessionKey.of(value))

    def from_db_value(self, value: Any, *_: object) -> Any:
        return None if value is None else SessionKey(value)

    def deconstruct(self) -> Any:
        """As the field whose place it takes in a library's model: the column is the same."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class Session(AbstractBaseSession):
    """A session: its key as a digest, its content encrypted."""

    session_key = SessionKeyField(primary_key=True, max_length=40)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class AddressChange(models.Model):
    """A wish to sign in with another address; it comes true by a link that is mailed there.

    Only a digest of the link is stored, and none before its message is delivered. It works once,
    for a day, for the account that asked, while that account is in the state it was in.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_changes")
    email = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - many have none
    state = models.CharField(max_length=64, help_text="Of the account: accounts.invalidation.")
    recorded_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.user_id} {self.recorded_at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.state = state_of(self.user, Secret.ADDRESS_CHANGE)
        super().save(*args, **kwargs)

    @property
    def is_good(self) -> bool:
        """Whether nothing has happened to the account that ends its wishes."""
        return is_state_current(self.user, Secret.ADDRESS_CHANGE, self.state)
