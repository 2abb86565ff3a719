"""What we do when a library writes one of its own rows: no service of ours is on that path."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from allauth.usersessions.models import UserSession
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from knox.models import AuthToken

from accounts.invalidation import Secret, state_of
from accounts.models import SessionKeyField, TokenState, User
from accounts.sessions import keep_signed_in

# The list of one's sessions would hold their keys in clear.
UserSession._meta.get_field("session_key").__class__ = SessionKeyField

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@receiver(post_save, sender=AuthToken)
def remember_state_of_token(instance: AuthToken, created: bool, **_named: Any) -> None:
    if created:
        state = state_of(instance.user, Secret.API_TOKEN)
        TokenState.objects.create(token=instance, state=state)


@receiver(post_delete, sender=Authenticator)
def count_removed_factor(instance: Authenticator, **_named: Any) -> None:
    if instance.type in FACTORS:
        lost = F("second_factors_lost") + 1
        User.objects.filter(pk=instance.user_id).update(second_factors_lost=lost)


@receiver(authenticator_removed)
def keep_remover_signed_in(request: HttpRequest, **_named: Any) -> None:
    if request.user.is_authenticated:
        keep_signed_in(request)
