"""Changing the address with which one signs in."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import AccountError
from accounts.forms import AddressForm
from accounts.http import AuthenticatedHttpRequest
from accounts.limits import NEW_ADDRESSES
from accounts.reauthentication import confirms_identity
from accounts.services.addresses import address_change_by_link, ask_for_address, change_address
from common.access import SIGNED_IN, allow
from common.refusals import refusal_on


@allow(SIGNED_IN)
@confirms_identity()
def own_address(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method == "POST":
        if not NEW_ADDRESSES.allows(request, request.user.pk):
            return render(request, "429.html", status=429)
        if form.is_valid():
            email = form.cleaned_data["email"]
            with refusal_on(form, "email"):
                ask_for_address(by=request.user.as_actor(), user=request.user, email=email)
                messages.success(request, _sent(email))
                return redirect("own_address")
    waiting = request.user.address_changes.open().first()
    context = {"form": form, "waiting": waiting}
    status = 400 if request.method == "POST" else 200
    return render(request, "accounts/address.html", context, status=status)


def _sent(email: str) -> str:
    text = _(
        "If no other account uses the address %(email)s, a link is being sent to it. "
        "Until you open it, you sign in as before."
    )
    return text % {"email": email}


@allow(SIGNED_IN)
def confirm_address(request: AuthenticatedHttpRequest, token: str) -> HttpResponse:
    # Only sending the form uses the link up.
    change = address_change_by_link(user=request.user, token=token)
    if change is None:
        return render(request, "accounts/address_link_over.html", status=404)
    if request.method == "POST":
        try:
            changed = change_address(by=request.user.as_actor(), change=change)
        except AccountError:
            return render(request, "accounts/address_link_over.html", status=404)
        logout(request)
        messages.success(
            request,
            _("From now on you sign in as %(email)s. Please sign in again.")
            % {"email": changed.email},
        )
        return redirect("account_login")
    return render(request, "accounts/confirm_address.html", {"change": change})
