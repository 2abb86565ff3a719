"""Telling those who look after a person that mail to the person came back."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.mail import Recipient
from common import clock
from notices.models import UndeliverableAddress
from notices.services.messages import Messages
from people.message_kinds import ADDRESS_UNDELIVERABLE
from people.models import Trainee
from people.services.recipients import coordinators_of, office

AT_ONCE = 100


@transaction.atomic
def report_undeliverable() -> int:
    """One message to each coordinator for each address; return how many."""
    unreported = UndeliverableAddress.objects.in_force().filter(reported_at=None)
    marked = list(
        unreported.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:AT_ONCE]
    )
    messages = Messages()
    for one in marked:
        _tell(messages, one)
    UndeliverableAddress.objects.filter(pk__in=[one.pk for one in marked]).update(
        reported_at=clock.now()
    )
    return messages.send()


def _tell(messages: Messages, marked: UndeliverableAddress) -> None:
    for person in Trainee.objects.of_address(marked.address).order_by("pk"):
        for recipient in _recipients(person, marked.address):
            messages.add(ADDRESS_UNDELIVERABLE, recipient, partial(_values, person, marked))


def _recipients(person: Trainee, address: str) -> list[Recipient]:
    found = coordinators_of({person.agency_id})[person.agency_id]
    return [one for one in found if one.address.lower() != address] or office()


def _values(person: Trainee, marked: UndeliverableAddress) -> dict[str, str]:
    return {
        "full_name": person.full_name,
        "address": marked.address,
        "reason": marked.reason,
        "link": f"{settings.SITE_URL}{reverse('person', args=[person.code])}",
    }
