"""Confirming the printed name by a link in a message, without an account.

The link is made at delivery and stored nowhere. It ends with what it was made for: when the name,
the address or the account changes, when the name is confirmed or its correction asked for.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from audit.services import Actor
from certificates.models import NameConfirmation
from certificates.services.holders import confirm_name
from common import clock
from common.encryption import keyed_digest
from enrollment.models import Completion
from people.choices import RequestKind, RequestState
from people.models import DataRequest, Merge, Trainee
from people.services import data_requests

LINK_KIND = "name_on_certificate"
VALID = dt.timedelta(days=60)
_SIGNER = signing.TimestampSigner(salt="the name on a certificate")
_OPEN = (RequestState.OPEN, RequestState.REPLIED)


def make_link(params: Mapping[str, Any]) -> str | None:
    """For the outbox, at delivery; none where there is nothing to confirm any more."""
    person = Trainee.objects.filter(pk=params["trainee"]).first()
    if person is None or not _is_awaited(person):
        return None
    token = _SIGNER.sign(f"{person.pk}.{_state_of(person)}")
    return f"{settings.SITE_URL}{reverse('name_by_link', args=[token])}"


def person_of_link(token: str) -> Trainee | None:
    """None for whatever opens nothing, whether it never did or does no longer."""
    try:
        key, _dot, state = _SIGNER.unsign(token, max_age=VALID).partition(".")
    except signing.BadSignature:
        return None
    person = Trainee.objects.filter(pk=int(key)).first()
    if person is None or not constant_time_compare(state, _state_of(person)):
        return None
    return person if _is_awaited(person) else None


def confirm_by_link(person: Trainee) -> None:
    confirm_name(by=_holder(person), trainee=person)


def ask_for_correction(person: Trainee, text: str) -> None:
    """What is wrong goes to the programme office as a request. Error: ``already_asked``."""
    data_requests.ask(by=_holder(person), trainee=person, kind=RequestKind.CORRECT, text=text)


def _holder(person: Trainee) -> Actor:
    return Actor(None, f"holder of a link for {person.code}")


def _state_of(person: Trainee) -> str:
    facts = [person.pk, person.full_name, person.email, person.user_id]
    return keyed_digest("certificates.name_link", json.dumps(facts))


def _is_awaited(person: Trainee) -> bool:
    asked = DataRequest.objects.filter(
        trainee=person, kind=RequestKind.CORRECT, state__in=_OPEN
    ).exists()
    confirmed = NameConfirmation.objects.of_present_name().filter(trainee=person).exists()
    if person.erased_at or asked or confirmed:
        return False
    absorbed = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    return person.pk not in absorbed and courses_of(person).exists()


def courses_of(person: Trainee) -> Any:
    """Completions whose certificates are still to be issued."""
    return Completion.objects.not_voided().filter(trainee=person, certificates=None)
