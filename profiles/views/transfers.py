from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common.access import SIGNED_IN, allow
from common.form_errors import error_as_message, render_form
from common.public_text import ReasonForm
from people.choices import TransferState
from people.models import TransferRequest
from people.services.transfer_requests import accept_transfer, decline_transfer, withdraw_transfers
from profiles.views.shared import settled_tabs

PAGE = 50
TONES = {
    TransferState.PENDING: "wait",
    TransferState.ACCEPTED: "good",
    TransferState.DECLINED: "bad",
}


@allow(*PEOPLE_READERS)
@never_cache
def transfer_requests(request: AuthenticatedHttpRequest) -> HttpResponse:
    settled = "settled" in request.GET
    found = TransferRequest.objects.visible_to(request.user).with_person_for(request.user)
    found = found.select_related("to_agency", "trainee__agency")
    found = found.exclude(state="pending") if settled else found.pending()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = TransferRequest.objects.filter(pk__in=[asked.pk for asked in page])
    context = {
        "page": page,
        "answerable": set(shown.answerable_by(request.user).values_list("pk", flat=True)),
        "sent": set(shown.pending().sent_by(request.user).values_list("pk", flat=True)),
        "tones": TONES,
        **settled_tabs(settled),
    }
    return render(request, "profiles/transfers.html", context)


@allow(SIGNED_IN)
@require_POST
@never_cache
def accept(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(TransferRequest.objects.answerable_by(request.user), pk=pk)
    with error_as_message(request, _("Transfer recorded.")):
        accept_transfer(by=request.user.as_actor(), request=asked)
    return redirect(_back(request.user))


@allow(SIGNED_IN)
@never_cache
def decline(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    answerable = TransferRequest.objects.answerable_by(request.user)
    asked = get_object_or_404(answerable.select_related("trainee", "to_agency"), pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with error_as_message(request, _("Declined; the requesting agency will see the reason.")):
            decline_transfer(by=request.user.as_actor(), request=asked, **form.cleaned_data)
        return redirect(_back(request.user))
    context = {"form": form, "asked": asked, "back": _back(request.user)}
    return render_form(request, "profiles/decline_transfer.html", context)


@allow(*PEOPLE_MANAGERS)
@require_POST
@never_cache
def withdraw(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(TransferRequest.objects.pending().sent_by(request.user), pk=pk)
    withdraw_transfers(by=request.user.as_actor(), ids=[asked.pk])
    messages.success(request, _("Request withdrawn; the enrollment remains valid."))
    return redirect("transfer_requests")


def _back(user: User) -> str:
    return "transfer_requests" if user.has_role(*PEOPLE_READERS) else "my"
