"""Failures that a mail provider reports by calling us."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from notices.models import Notice
from notices.services import bounces

_NAMES = ("message_id", "recipient", "status", "reason")
# Of anymail's reasons: those that say that the address itself does not work.
_ADDRESS_IS_WRONG = {"invalid", "bounced"}


def take_in_json(content: bytes) -> bool:
    """``{"message_id" | "recipient", "status", "reason"}``; whether it is about a message of ours.

    Error: ValueError where it is no JSON.
    """
    try:
        report = json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(report, dict):
        report = {}
    values = {name: str(report.get(name, "")).replace("\0", "")[:400] for name in _NAMES}
    notice = bounces.notice_of(values["message_id"]) or latest_to(values["recipient"])
    if notice is None or not values["status"].startswith("5"):
        return False
    bounces.take_in(notice, status=values["status"][:12], reason=values["reason"])
    return True


def latest_to(address: str) -> Notice | None:
    """Of those that were given to a server: what still waits, or was never mailed, cannot fail."""
    tried = Notice.objects.filter(recipient__iexact=address, attempts__gt=0)
    return tried.first() if address else None


def answer_provider(request: HttpRequest) -> HttpResponseBase:
    """Anymail reads what its provider sends, and checks the provider's signature where it has one.

    The library is imported only where it is configured.
    """
    signal = import_string("anymail.signals.tracking")
    signal.connect(_take_in_event, dispatch_uid="notices.bounces")
    patterns = import_string("anymail.urls.urlpatterns")
    name = f"{bounces.provider()}_tracking_webhook"
    view = next(one.callback for one in patterns if one.name == name)
    # Our address holds the secret that it would warn of.
    ours: Any = type("TrackingView", (view.view_class,), {"warn_if_no_basic_auth": False})
    answer: HttpResponseBase = ours.as_view()(request)
    return answer


def _take_in_event(*, event: Any, **_: Any) -> None:
    notice = bounces.notice_of(str(event.message_id or "")) or latest_to(event.recipient or "")
    if notice is None or event.event_type not in {"bounced", "rejected", "failed"}:
        return
    status = "5.1.1" if event.reject_reason in _ADDRESS_IS_WRONG else "5.7.0"
    bounces.take_in(notice, status=status, reason=event.description or event.mta_response or "")
