"""Signing in, claiming an account, giving roles."""

from collections.abc import Mapping
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, Role
from accounts.models import User
from accounts.services.invitations import address_of, canonical_login
from common.date_fields import DayField
from common.form_choices import set_choices
from common.person_names import PersonNameInput
from common.public_text import SearchField
from common.vietnamese import tidy


class SignInForm(LoginForm):
    """Takes an e-mail address, or the trainee code of somebody without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remember = self.fields.pop("remember", None)
        self.fields["login"] = forms.CharField(
            label=_("E-mail address or trainee code"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        )
        self.order_fields(["login", "password"])
        if remember:
            self.fields["remember"] = remember

    @property
    def sso(self) -> str:
        return settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""

    def clean_login(self) -> str:
        # Allauth counts the failures of what is returned here: the very value that is compared.
        login = canonical_login(self.cleaned_data["login"])
        return login if "@" in login else address_of(login)


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        help_text=_("At least eight characters; do not reuse a password from another site."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Repeat the password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") and data.get("again") != data["password"]:
            self.add_error("again", _("The two passwords do not match."))
        return data


class CodeForm(NewPasswordForm):
    handle = forms.CharField(label=_("Sign-in name in the letter"), max_length=254)
    code = forms.CharField(
        label=_("Code in the letter"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    field_order = ("handle", "code", "password", "again")


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class TokenForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=settings.API_TOKEN_MOST_DAYS,
        initial=settings.API_TOKEN_DAYS,
    )


class AccountFilter(forms.Form):
    q = SearchField(label=_("Name or e-mail address"))
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices]
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.TRAINER)
    until = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("Required for auditors; may be left blank for others."),
    )


class StaffNumberForm(forms.Form):
    number = forms.CharField(
        label=_("Staff number"),
        max_length=60,
        required=False,
        help_text=_(
            "As it appears in your directory. It is not shown again; leave blank to remove it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class InvitationForm(RoleForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    full_name = PersonNameInput(label=_("Full name"), max_length=150)
    language = forms.ChoiceField(label=_("Language of e-mails"), choices=Language.choices)
    field_order = ("full_name", "email", "language", "role", "until")


class FilterNameForm(forms.Form):
    name = forms.CharField(label=_("Name of the filter"), max_length=60)

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])


class SaveFilterForm(FilterNameForm):
    page = forms.ChoiceField(widget=forms.HiddenInput)
    asked = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    here = forms.CharField(max_length=200, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, pages: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, page=list(pages.items()))

    def clean_asked(self) -> dict[str, list[str]]:
        return dict(QueryDict(self.cleaned_data["asked"]).lists())
