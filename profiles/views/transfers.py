from typing import Any

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
from common import formats
from common.access import SIGNED_IN, allow
from common.errors import DomainError
from common.public_text import ReasonForm
from people.choices import TransferState
from people.models import TransferRequest
from people.services import accept_transfer, decline_transfer, withdraw_transfers

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
    context = {
        "page": page,
        "query": "settled&" if settled else "",
        "settled": settled,
        "rows": _rows(request.user, page),
        "tabs": [
            {"label": _("Waiting"), "href": "?", "is_current": not settled},
            {"label": _("Resolved"), "href": "?settled", "is_current": settled},
        ],
    }
    return render(request, "profiles/transfers.html", context)


def own_transfer_requests(user: User) -> list[dict[str, Any]]:
    """Agencies that ask for the transfer of the visitor."""
    asked = TransferRequest.objects.pending().of_user(user).select_related("to_agency")
    return [
        {"pk": one.pk, "agency": one.to_agency.name, "asked": formats.instant(one.asked_at)}
        for one in asked
    ]


def _rows(user: User, page: Any) -> list[dict[str, Any]]:
    """Whoever may answer sees the stored name, the sender only the name as sent."""
    ids = [one.pk for one in page]
    asked = TransferRequest.objects.filter(pk__in=ids)
    answerable = set(asked.answerable_by(user).values_list("pk", flat=True))
    sent = set(asked.pending().sent_by(user).values_list("pk", flat=True))
    return [
        _row(one) | {"may_answer": one.pk in answerable, "may_withdraw": one.pk in sent}
        for one in page
    ]


def _row(one: TransferRequest) -> dict[str, Any]:
    person, is_open = one.trainee, one.is_open
    has_come = person.agency_id == one.to_agency_id
    return {
        "pk": one.pk,
        "name": person.full_name if is_open else one.name_as_sent,
        "code": person.code if is_open else "",
        "from": person.agency.name if is_open and not has_come else "",
        "to": one.to_agency.name,
        "asked": formats.instant(one.asked_at),
        "state": one.get_state_display(),
        "tone": TONES.get(TransferState(one.state), ""),
        "reason": one.reason,
    }


@allow(SIGNED_IN)
@require_POST
@never_cache
def accept(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(TransferRequest.objects.answerable_by(request.user), pk=pk)
    try:
        accept_transfer(by=request.user.as_actor(), request=asked)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Transfer recorded."))
    return redirect(_back(request.user))


@allow(SIGNED_IN)
@never_cache
def decline(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    answerable = TransferRequest.objects.answerable_by(request.user)
    asked = get_object_or_404(answerable.select_related("trainee", "to_agency"), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            decline_transfer(
                by=request.user.as_actor(), request=asked, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Declined; the requesting agency will see the reason."))
        return redirect(_back(request.user))
    context = {"form": form, "asked": asked, "back": _back(request.user)}
    status = 400 if form.is_bound else 200
    return render(request, "profiles/decline_transfer.html", context, status=status)


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
