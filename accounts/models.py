"""Who may sign in, and for which roles."""

import json
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.choices import HasRoles, Language, Role
from accounts.invalidation import Secret, facts_of, is_state_current, state_of
from accounts.querysets import (
    OneTimeLinkQuerySet,
    RememberedAnswerQuerySet,
    RoleGrantQuerySet,
    UserQuerySet,
)
from audit.services import Actor
from common import clock
from common.encryption import EncryptedJSONField, keyed_digest
from common.one_line import OneLineField
from common.person_names import PersonNameField

# Whoever has no e-mail address gets one that no mail can ever reach (RFC 2606).
NO_MAILBOX = "@no-mailbox.invalid"


def is_mailbox(address: str | None) -> bool:
    return bool(address) and not str(address).endswith(NO_MAILBOX)


def staff_number_digest(number: str) -> str:
    """Blind index; spaces and case make no difference."""
    return keyed_digest("user.staff_number", "".join(number.split()).casefold())


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # made of a queryset at run time
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        # Superusers get the office's role too: without a role no page of ours would open.
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.role_grants.create(role=Role.PROGRAMME_OFFICE)
        return user


class User(HasRoles, AbstractUser):
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

    class Meta(AbstractUser.Meta):
        indexes = (models.Index(Upper("email"), name="account_of_address"),)

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @cached_property
    def roles(self) -> frozenset[str]:
        return RoleGrant.objects.roles_of(self.pk)

    @property
    def has_mailbox(self) -> bool:
        return is_mailbox(self.email)

    @property
    def is_in_use(self) -> bool:
        return self.has_usable_password() or self.last_login is not None

    @property
    def sign_in_name(self) -> str:
        """The e-mail address, or the trainee code of a user without one."""
        return self.email if self.has_mailbox else self.email.removesuffix(NO_MAILBOX).upper()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django compares it at every request: not only a new password ends a session."""
        facts = json.dumps(facts_of(self, Secret.SESSION))
        return salted_hmac("accounts.session", facts, secret, algorithm="sha256").hexdigest()

    def as_actor(self) -> Actor:
        """How the audit log names this user.

        The log is never rewritten, so it takes no name that its bearer may have erased: whoever
        acts only for themselves is named by number.
        """
        if self.roles <= {Role.TRAINEE} and not self.is_staff:
            return Actor(self.pk, f"trainee account {self.pk}")
        return Actor(self.pk, str(self))


class BoundToAccount(models.Model):
    """What works only while its account is as it was when this was given."""

    state = models.CharField(
        max_length=64, blank=True, help_text="Of the account: accounts.invalidation."
    )

    class Meta:
        abstract = True

    user: Any  # a foreign key of each model, under a name of its own at the account

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.state = state_of(self.user, self.secret)
        super().save(*args, **kwargs)

    @property
    def secret(self) -> Secret:
        raise NotImplementedError

    @property
    def is_good(self) -> bool:
        return is_state_current(self.user, self.secret, self.state)


class SignOnIdentity(BoundToAccount):
    """Issuer and subject by which the single sign-on knows an account."""

    secret = Secret.SIGN_ON

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_on_identities")
    issuer = models.CharField(max_length=250)
    subject = models.CharField(max_length=255)
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


class RoleGrant(models.Model):
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
    """Response to a write request with an Idempotency-Key.

    The same key gets the same response again, and nothing is done twice, until it expires.
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


class OneTimeLink(BoundToAccount):
    """A link or code that works once, until a day. Only its digest is stored.

    A link that is still to be mailed has none: it is made at delivery.
    """

    digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - many have none
    recorded_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = OneTimeLinkQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.pk} {self.recorded_at:%Y-%m-%d}"


class Invitation(OneTimeLink):
    """How an account is claimed: by a mailed link or by the code on a printed letter."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    is_letter = models.BooleanField(default=False)
    recorded_by = models.CharField(max_length=200)

    @property
    def secret(self) -> Secret:
        return Secret.LETTER if self.is_letter else Secret.INVITATION


class TokenState(models.Model):
    token = models.OneToOneField(
        "knox.AuthToken", on_delete=models.CASCADE, primary_key=True, related_name="given_in"
    )
    state = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.token_id)[:8]


class SessionKey(str):
    """Digest that identifies a session in the database; equal to the key that it was made of.

    Any other text comes from a browser, even a copied digest, and is hashed before comparing.
    """

    __slots__ = ()

    @classmethod
    def of(cls, key: str) -> "SessionKey":
        return key if isinstance(key, cls) else cls(keyed_digest("session", key)[:40])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str.__eq__(self, SessionKey.of(other))

    __hash__ = str.__hash__


class SessionKeyField(models.CharField[Any, Any]):
    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else str(SessionKey.of(value))

    def from_db_value(self, value: Any, *_: object) -> Any:
        return None if value is None else SessionKey(value)

    def deconstruct(self) -> Any:
        """The same column as in the library's model, whose field it replaces."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class Session(AbstractBaseSession):
    session_key = SessionKeyField(primary_key=True, max_length=40)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class AddressChange(OneTimeLink):
    """Request to sign in with another address, which a mailed link confirms within a day."""

    secret = Secret.ADDRESS_CHANGE
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_changes")
    email = models.EmailField(max_length=254)
    state = models.CharField(max_length=64, help_text="Of the account: accounts.invalidation.")


class SavedFilter(models.Model):
    """How a user narrows and sorts a list, under a name of their own."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=50, help_text="The route of the list.")
    name = OneLineField(max_length=60)
    # Encrypted: what is searched for may be somebody's name.
    asked = EncryptedJSONField(help_text="Parameters of the address: name, list of values.")

    class Meta:
        ordering = ("page", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "page", "name"), name="one_saved_filter_per_name"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def query(self) -> str:
        return urlencode(self.asked, doseq=True)
