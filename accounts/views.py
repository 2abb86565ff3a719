"""Claiming an account; and the programme office's page of accounts and roles."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from knox.models import AuthToken

from accounts.choices import OVERSEERS, ROLE_TEXTS, Role
from accounts.forms import (
    AccountFilter,
    CodeForm,
    InvitationForm,
    NewPasswordForm,
    RoleForm,
    StaffNumberForm,
    TokenForm,
)
from accounts.http import AuthenticatedHttpRequest
from accounts.limits import CLAIM_LINKS, LETTERS, LETTERS_OF_AN_ACCOUNT
from accounts.models import Invitation, RoleGrant, User
from accounts.reauthentication import confirms_identity
from accounts.services import create_token, withdraw_tokens
from accounts.services.invitations import (
    claim_account,
    invitation_by_code,
    invitation_by_link,
    invite,
    resend_link_if_unclaimed,
    send_link,
)
from accounts.services.roles import (
    close_account,
    end_role,
    end_sessions,
    grant_role,
    reopen_account,
)
from accounts.services.second_factor import reset_second_factor
from accounts.services.single_sign_on import forget_identity, set_staff_number
from accounts.sessions import sign_in_by_password
from common import clock, formats
from common.access import ANYBODY, SIGNED_IN, allow
from common.public_text import ReasonForm, searched_by
from common.refusals import refusal_as_message, refusal_on
from common.sorting import Sorting

PAGE = 50
SORTED_BY = {
    "name": ("full_name", "email", "pk"),
    "address": ("email", "pk"),
    "last_sign_in": ("last_login", "pk"),
}
_SHOWN = 8  # letters by which a token is told from another


# Claiming -------------------------------------------------------------------------------


@allow(ANYBODY)
@never_cache
@sensitive_post_parameters("password", "again")
def claim_by_link(request: HttpRequest, token: str) -> HttpResponse:
    # Only sending the form uses the link up.
    if not CLAIM_LINKS.allows(request):
        return render(request, "429.html", status=429)
    invitation = invitation_by_link(token)
    if invitation is None:
        return render(request, "accounts/invitation_over.html", status=404)
    form = NewPasswordForm(request.POST or None, user=invitation.user)
    if request.method == "POST" and form.is_valid():
        return _claim(request, form, invitation, form.cleaned_data["password"])
    return _claim_page(request, form, invitation.user)


@allow(ANYBODY)
@never_cache
@sensitive_post_parameters("password", "again", "code")
def claim_by_code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _claim_page(request, form)
    handle = form.cleaned_data["handle"]
    if not _may_guess(request, handle):
        return render(request, "429.html", status=429)
    invitation = invitation_by_code(handle, form.cleaned_data["code"])
    if invitation is None:
        form.add_error("code", _("These two codes do not match or have expired."))
        return _claim_page(request, form)
    return _claim(request, form, invitation, form.cleaned_data["password"])


def _may_guess(request: HttpRequest, handle: str) -> bool:
    return LETTERS.allows(request) and LETTERS_OF_AN_ACCOUNT.allows(request, handle)


def _claim(
    request: HttpRequest, form: NewPasswordForm, invitation: Invitation, password: str
) -> HttpResponse:
    user = invitation.user
    with refusal_on(form):
        claim_account(by=user.as_actor(), invitation=invitation, password=password)
        text = _("Your account is ready. Next time, sign in as %(name)s.")
        messages.success(request, text % {"name": user.sign_in_name})
        return sign_in_by_password(request, User.objects.get(pk=user.pk))
    return _claim_page(request, form, user)


def _claim_page(
    request: HttpRequest, form: NewPasswordForm, user: User | None = None
) -> HttpResponse:
    context = {"form": form, "invited": user}
    return render(request, "accounts/claim.html", context, status=400 if form.is_bound else 200)


# One's own tokens -----------------------------------------------------------------------


@allow(SIGNED_IN)
@never_cache
@confirms_identity(allow_get=True)
def own_tokens(request: AuthenticatedHttpRequest) -> HttpResponse:
    # A new token is shown in this response and never again.
    form, token = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            token = create_token(
                by=request.user.as_actor(), user=request.user, days=form.cleaned_data["days"]
            )
            form = TokenForm()
    own = AuthToken.objects.filter(user=request.user, expiry__gt=clock.now()).order_by(
        "expiry", "pk"
    )
    rows = [
        {
            "digest": row.digest,
            "begins": row.token_key[:_SHOWN],
            "given": formats.instant(row.created),
            "until": formats.instant(row.expiry),
        }
        for row in own
    ]
    context = {"form": form, "token": token, "rows": rows}
    status = 400 if request.method == "POST" and not token else 200
    return render(request, "accounts/tokens.html", context, status=status)


@allow(SIGNED_IN)
@require_POST
def end_token(request: AuthenticatedHttpRequest, digest: str) -> HttpResponse:
    row = get_object_or_404(AuthToken, user=request.user, digest=digest)
    withdraw_tokens(by=request.user.as_actor(), user=request.user, digest=row.digest)
    messages.success(request, _("Token revoked."))
    return redirect("own_tokens")


# The office's page ----------------------------------------------------------------------


@allow(*OVERSEERS)
@searched_by("q")
def account_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AccountFilter(request.GET or None, auto_id="filter_%s")
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    sorting = Sorting(request.GET, SORTED_BY, default="name", kept=asked)
    users = User.objects.visible_to(request.user).order_by(*sorting.fields)
    if asked.get("q"):
        users = users.matching(asked["q"])
    if asked.get("role"):
        users = users.holding(asked["role"])
    page = Paginator(users.prefetch_related("role_grants"), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "sorting": sorting,
        "query": sorting.query,
        "narrowed": any(asked.values()),
        "rows": [_row(one) for one in page],
        "may_invite": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "accounts/list.html", context)


def _row(user: User) -> dict[str, Any]:
    grants = [grant for grant in user.role_grants.all() if _is_in_force(grant)]
    return {
        "user": user,
        "roles": [_grant(grant)["text"] for grant in grants],
        "state": _state(user),
    }


def _state(user: User) -> dict[str, str]:
    if not user.is_active:
        return {"label": _("Closed"), "tone": "bad"}
    if not user.has_usable_password():
        return {"label": _("Invited"), "tone": "wait"}
    return {"label": _("Open"), "tone": "good"}


def _is_in_force(grant: RoleGrant) -> bool:
    return grant.until is None or grant.until >= clock.today()


def _grant(grant: RoleGrant) -> dict[str, Any]:
    role, day = str(Role(grant.role).label), formats.day(grant.until)
    text = _("%(role)s until %(day)s") % {"role": role, "day": day} if day else role
    return {"role": grant.role, "text": text, "given": formats.instant(grant.granted_at)}


@allow(Role.PROGRAMME_OFFICE)
def new_account(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None, initial={"role": request.GET.get("role")})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        roles = {data.pop("role"): data.pop("until")}
        with refusal_on(form):
            invited = invite(by=request.user.as_actor(), roles=roles, **data)
            text = _("The invitation is being sent to %(email)s.")
            messages.success(request, text % {"email": invited.email})
            return redirect("account", pk=invited.pk)
    status = 400 if form.is_bound else 200
    texts = [(role.label, text) for role, text in ROLE_TEXTS.items()]
    context = {"form": form, "role_texts": texts}
    return render(request, "accounts/new.html", context, status=status)


@allow(*OVERSEERS)
@never_cache
def account_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return _account_page(request, _account(request, pk), RoleForm())


def _account(request: HttpRequest, pk: int) -> User:
    account: User = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    return account


def _account_page(
    request: AuthenticatedHttpRequest,
    account: User,
    form: RoleForm,
    reset_form: ReasonForm | None = None,
    staff_form: StaffNumberForm | None = None,
    status: int = 200,
) -> HttpResponse:
    grants = list(account.role_grants.order_by("role"))
    invitation = account.invitations.first()
    identity = account.sign_on_identities.first()
    context = {
        "account": account,
        "state": _state(account),
        "grants": [_grant(grant) for grant in grants if _is_in_force(grant)],
        "past": [_grant(grant) for grant in grants if not _is_in_force(grant)],
        "invitation": _invitation_facts(invitation) if invitation else None,
        "sessions": UserSession.objects.filter(user=account).count(),
        "form": form,
        "has_second_factor": is_mfa_enabled(account),
        "reset_form": reset_form or ReasonForm(),
        "sign_on": settings.OIDC_NAME if settings.OIDC_SERVER_URL else "",
        "sign_on_since": formats.instant(identity.recorded_at) if identity else "",
        "by_staff_number": settings.OIDC_IDENTIFIES_BY == "staff_number",
        "staff_form": staff_form or StaffNumberForm(),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
        "is_own": request.user.pk == account.pk,
    }
    return render(request, "accounts/account.html", context, status=status)


def _invitation_facts(invitation: Invitation) -> dict[str, str]:
    if invitation.used_at:
        state = _("accepted on %(moment)s") % {"moment": formats.instant(invitation.used_at)}
    elif invitation.withdrawn_at or invitation.expires_at <= clock.now():
        state = _("no longer valid")
    else:
        state = _("valid until %(moment)s") % {"moment": formats.instant(invitation.expires_at)}
    kind = _("Letter") if invitation.is_letter else _("Link by e-mail")
    return {"kind": kind, "state": state, "by": invitation.recorded_by}


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def grant_role_of_account(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    account, form = _account(request, pk), RoleForm(request.POST)
    if form.is_valid():
        with refusal_on(form):
            grant_role(by=request.user.as_actor(), user=account, **form.cleaned_data)
            resend_link_if_unclaimed(by=request.user.as_actor(), user=account)
            messages.success(request, _("Role granted."))
            return redirect("account", pk=pk)
    return _account_page(request, account, form, status=400)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def end_role_of_account(request: AuthenticatedHttpRequest, pk: int, role: str) -> HttpResponse:
    return _done(request, _account(request, pk), end_role, _("Role ended."), role=role)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def reset_factor(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    account, form = _account(request, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _account_page(request, account, RoleForm(), form, status=400)
    message = _(
        "Second factor reset; the account holder has been notified and signed out everywhere."
    )
    return _done(request, account, reset_second_factor, message, **form.cleaned_data)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def staff_number(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    account, form = _account(request, pk), StaffNumberForm(request.POST)
    if not form.is_valid():
        return _account_page(request, account, RoleForm(), staff_form=form, status=400)
    number = form.cleaned_data["number"]
    message = _("Staff number saved.") if number else _("Staff number removed.")
    return _done(request, account, set_staff_number, message, number=number)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def act_on_account(request: AuthenticatedHttpRequest, pk: int, action: str) -> HttpResponse:
    actions: dict[str, tuple[Callable[..., Any], str]] = {
        "invite": (send_link, _("A new link is being sent.")),
        "sign-out": (end_sessions, _("The account has been signed out everywhere.")),
        "forget-sign-on": (
            forget_identity,
            _("The identity used at the next single sign-on will be saved."),
        ),
        "withdraw-tokens": (withdraw_tokens, _("API tokens revoked.")),
        "close": (close_account, _("Account closed.")),
        "reopen": (reopen_account, _("Account reopened.")),
    }
    if action not in actions:
        raise Http404
    act, message = actions[action]
    return _done(request, _account(request, pk), act, message)


def _done(
    request: AuthenticatedHttpRequest,
    account: User,
    act: Callable[..., Any],
    message: str,
    **values: Any,
) -> HttpResponse:
    with refusal_as_message(request):
        act(by=request.user.as_actor(), user=account, **values)
        messages.success(request, message)
    return redirect("account", pk=account.pk)
