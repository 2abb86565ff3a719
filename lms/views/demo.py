from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from common.access import ANYBODY, allow
from lms.demo.signins import sign_ins


@allow(ANYBODY)
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a demo user in without password or code: under DEBUG, where the demo is loaded."""
    offered = [one.email for one in sign_ins()] if settings.DEBUG else []
    if request.POST.get("email") not in offered:
        raise Http404
    user = get_object_or_404(User, email=request.POST["email"])
    if request.user.is_authenticated:
        logout(request)
    adapter = get_adapter(request)
    adapter.pre_login(
        request, user, email=None, email_verification="none", signal_kwargs=None, signup=False,
        redirect_url=None,
    )  # fmt: skip
    adapter.login(request, user)
    record_authentication(request, user, method="mfa", type="totp")
    return redirect("my")
