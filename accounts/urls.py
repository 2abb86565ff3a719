"""Accounts, and the views of django-allauth that are open here, one by one.

What is not named is not mounted: allauth's own page of addresses, for one, makes an address the
sign-in before anybody has proved that it is theirs.
"""

from functools import wraps
from typing import Any, cast

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as sessions
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import include, path, re_path

from accounts import address_views, single_sign_on, views
from accounts.reauthentication import confirms_identity, limits_guesses
from common.access import ANYBODY, SIGNED_IN, View, allow
from common.drawn_pages import drawn_for_all

_anybody, _signed_in = allow(ANYBODY), allow(SIGNED_IN)


def _confirmed(view: Any) -> Any:
    return _signed_in(confirms_identity()(view))


def _where_registration_is_open(view: View) -> View:
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.OPEN_REGISTRATION:
            raise Http404
        return view(request, *args, **kwargs)

    return cast("View", _anybody(asked))


_sign_in = [
    path("login/", _anybody(drawn_for_all(account.login)), name="account_login"),
    path("logout/", _anybody(account.logout), name="account_logout"),
    path("inactive/", _anybody(account.account_inactive), name="account_inactive"),
    path("signup/", _where_registration_is_open(account.signup), name="account_signup"),
    path(
        "confirm-email/",
        _where_registration_is_open(account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        _where_registration_is_open(account.confirm_email),
        name="account_confirm_email",
    ),
    path(
        "reauthenticate/",
        _signed_in(limits_guesses(account.reauthenticate)),
        name="account_reauthenticate",
    ),
    path(
        "password/change/",
        _signed_in(
            limits_guesses(confirms_identity(also_asks_password=True)(account.password_change))
        ),
        name="account_change_password",
    ),
    path("password/reset/", _anybody(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/",
        _anybody(account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "password/reset/key/done/",
        _anybody(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _anybody(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("sessions/", _signed_in(sessions.list_usersessions), name="usersessions_list"),
    path("2fa/", _signed_in(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", _anybody(mfa.authenticate), name="mfa_authenticate"),
    path(
        "2fa/reauthenticate/",
        _signed_in(limits_guesses(mfa.reauthenticate)),
        name="mfa_reauthenticate",
    ),
    path("2fa/totp/activate/", _confirmed(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", _confirmed(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "2fa/recovery-codes/",
        _confirmed(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/generate/",
        _confirmed(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        _confirmed(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("2fa/webauthn/", _signed_in(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", _confirmed(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/",
        _signed_in(limits_guesses(webauthn.reauthenticate_webauthn)),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        _confirmed(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path(
        "2fa/webauthn/keys/<int:pk>/edit/",
        _confirmed(webauthn.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
]

urlpatterns = [
    path("sign-in/", include(_sign_in)),
    # Known to the provider: these addresses stay.
    path("sign-in/oidc/sso/login/", single_sign_on.begin, name="single_sign_on"),
    path("sign-in/oidc/sso/login/callback/", single_sign_on.come_back, name="single_sign_on_back"),
    path("invitation/", views.claim_by_code, name="claim_by_code"),
    path("invitation/<str:token>/", views.claim_by_link, name="claim_by_link"),
    path("accounts/", views.account_list, name="accounts"),
    path("accounts/tokens/", views.own_tokens, name="own_tokens"),
    path("accounts/tokens/<str:digest>/end/", views.end_token, name="end_token"),
    path("accounts/address/", address_views.own_address, name="own_address"),
    path("accounts/address/<str:token>/", address_views.confirm_address, name="confirm_address"),
    path("accounts/new/", views.new_account, name="new_account"),
    path("accounts/<int:pk>/", views.account_page, name="account"),
    path("accounts/<int:pk>/roles/", views.grant_role_of_account, name="grant_role"),
    path("accounts/<int:pk>/roles/<str:role>/end/", views.end_role_of_account, name="end_role"),
    path("accounts/<int:pk>/second-factor/", views.reset_factor, name="reset_second_factor"),
    path("accounts/<int:pk>/staff-number/", views.staff_number, name="staff_number"),
    path("accounts/<int:pk>/<str:action>/", views.act_on_account, name="act_on_account"),
]
