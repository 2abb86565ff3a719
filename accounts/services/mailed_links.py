"""Links in the messages of django-allauth, made while a message is delivered."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress, get_emailconfirmation_model
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db.models import F
from django.urls import reverse

from accounts.invalidation import Secret, is_state_current
from accounts.models import User
from accounts.password_resets import ResetTokenGenerator


def password_reset(params: Mapping[str, Any]) -> str | None:
    """An earlier link stops working.

    None where the account has changed since the link was asked for.
    """
    user = User.objects.filter(pk=params["user"], is_active=True).first()
    if user is None or not is_state_current(user, Secret.PASSWORD_RESET, params["state"]):
        return None
    User.objects.filter(pk=user.pk).update(password_resets=F("password_resets") + 1)
    user.refresh_from_db(fields=["password_resets"])
    key = ResetTokenGenerator().make_token(user)
    keys = {"uidb36": user_pk_to_url_str(user), "key": key}
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=keys)}"


def address_proof(params: Mapping[str, Any]) -> str | None:
    """None where the address or its account has changed."""
    address = EmailAddress.objects.filter(pk=params["address"], verified=False).first()
    if address is None or not is_state_current(
        address.user, Secret.ADDRESS_CHANGE, params["state"]
    ):
        return None
    key = get_emailconfirmation_model().create(address).key
    return f"{settings.SITE_URL}{reverse('account_confirm_email', args=[key])}"
