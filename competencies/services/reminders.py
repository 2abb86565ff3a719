"""Telling coordinators each month how many of their people are not yet trained."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.mail import Recipient
from agencies.models import Coordinator
from common import clock, formats
from competencies.message_kinds import UNTRAINED
from competencies.models import Audience
from competencies.progress import AgencyPart, by_agency, rules_in_use
from notices.services.messages import Messages
from notices.services.reminders import claim, days_of
from people.services.recipients import coordinators_of

Part = tuple[Audience, AgencyPart]


@transaction.atomic
def remind_of_untrained() -> int:
    """Each coordinator once a month, from its day on; how many messages."""
    day, today = days_of(UNTRAINED), clock.today()
    if day is None or today.day < day:
        return 0
    terms = {
        f"{today:%Y-%m}:{term.pk}": Recipient(term.user.email, term.user.language)
        for term in Coordinator.objects.acting().select_related("user").order_by("pk")
    }
    claimed = claim(UNTRAINED, terms)
    due = {recipient for occasion, recipient in terms.items() if occasion in claimed}
    messages = Messages()
    for recipient, parts in _untrained().items() if due else ():
        if recipient in due:
            messages.add(UNTRAINED, recipient, partial(_values, parts))
    return messages.send()


def _untrained() -> dict[Recipient, list[Part]]:
    today = clock.today()
    parts = [
        (rule.audience, part)
        for rule in rules_in_use()
        for part in by_agency(rule, today)
        if part.lacking
    ]
    coordinators = coordinators_of({part.agency for _audience, part in parts})
    found = defaultdict[Recipient, list[Part]](list)
    for audience, part in parts:
        for recipient in coordinators[part.agency]:
            found[recipient].append((audience, part))
    return found


def _values(parts: Sequence[Part]) -> dict[str, str]:
    """Figures alone: names stand behind the sign-in."""
    sums: dict[Audience, tuple[int, int]] = {}
    for audience, part in parts:
        lacking, members = sums.get(audience, (0, 0))
        sums[audience] = lacking + part.lacking, members + part.members
    lines = [_line(audience, *numbers) for audience, numbers in sums.items()]
    return {"day": formats.day(clock.today()), "lines": "\n".join(lines)}


def _line(audience: Audience, lacking: int, members: int) -> str:
    query = urlencode({"untrained": audience.slug})
    address = f"{settings.SITE_URL}{reverse('people')}?{query}"
    return f"- {audience.title}: {formats.number(lacking)} / {formats.number(members)} – {address}"
