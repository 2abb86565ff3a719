"""What accounts hold about a person, column by column; the sign-in libraries' tables too."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel, each_field

_hidden = partial(each_field, erased=Erased.IN_APP, why="a secret, or its digest: shown to nobody")
_CLOSED = "goes with the account; an officer's account is the office's and stays"

PERSONAL = (
    PersonalModel(
        "accounts.User",
        _("Your account"),
        (
            Personal("email", Erased.IN_APP, shown=_("Sign-in name")),
            Personal("full_name", Erased.IN_APP, shown=_("Full name")),
            *_hidden("password", "staff_number_digest"),
        ),
        user="pk",
    ),
    PersonalModel(
        "usersessions.UserSession",
        _("Active sign-ins"),
        (
            Personal("ip", Erased.IN_APP, shown=_("IP address")),
            Personal("user_agent", Erased.IN_APP, shown=_("Browser")),
            *_hidden("session_key"),
            Personal("data", Erased.IN_APP, why="empty: nothing of ours is written there"),
        ),
        user="user",
    ),
    PersonalModel(
        "account.EmailAddress",
        _("E-mail addresses for sign-in"),
        (Personal("email", Erased.IN_APP, shown=_("E-mail address")),),
        user="user",
    ),
    PersonalModel(
        "accounts.AddressChange",
        _("Requested e-mail addresses"),
        (
            Personal("email", Erased.IN_APP, shown=_("E-mail address")),
            *_hidden("digest", "state"),
        ),
        user="user",
    ),
    PersonalModel(
        "accounts.SignOnIdentity",
        _("Single sign-on"),
        (
            Personal("issuer", Erased.IN_APP, shown=_("Provider")),
            Personal("subject", Erased.IN_APP, shown=_("Identifier there")),
            *_hidden("state"),
        ),
        user="user",
    ),
    PersonalModel("mfa.Authenticator", "", _hidden("data"), user="user"),
    PersonalModel(
        "accounts.RememberedAnswer",
        "",
        (
            Personal("body", Erased.IN_APP, why="an answer given once, for a day"),
            Personal("key", Erased.IN_APP, why="made up by the caller's program, for a day"),
            *_hidden("request_digest"),
        ),
        user="user",
    ),
    PersonalModel(
        "accounts.Invitation",
        "",
        (
            *_hidden("digest", "state"),
            Personal("recorded_by", Erased.IN_APP, why="who invited, in office"),
        ),
        user="user",
    ),
    PersonalModel(
        "accounts.SavedFilter",
        _("Saved filters"),
        (
            Personal("name", Erased.IN_APP, shown=_("Name")),
            Personal("page", Erased.IN_APP, why="the route of a list"),
            Personal("asked", Erased.IN_APP, shown=_("Filter")),
        ),
        user="user",
    ),
    PersonalModel("knox.AuthToken", "", _hidden("digest", "token_key"), user="user"),
    PersonalModel("accounts.TokenState", "", _hidden("state"), user="token__user"),
    PersonalModel("account.EmailConfirmation", "", _hidden("key"), user="email_address__user"),
    PersonalModel(
        "admin.LogEntry",
        "",
        (
            Personal("object_repr", Erased.IN_APP, why="the admin is read-only: nothing is added"),
            Personal("change_message", Erased.IN_APP, why="the admin is read-only"),
            Personal("object_id", Erased.STAYS, why="a key of a row"),
        ),
        user="user",
    ),
    Impersonal("accounts.Session", f"encrypted, for hours; {_CLOSED}"),
    Impersonal("sessions.Session", "not used: sessions rest in accounts.Session"),
    Impersonal("auth.Permission", "Django's own names of rights"),
    Impersonal("auth.Group", "not used"),
    Impersonal("contenttypes.ContentType", "names of models"),
)
