"""Reminding people to confirm the name that will be printed."""

import datetime as dt
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse

from certificates.message_kinds import NAME_UNCONFIRMED
from certificates.models import Certificate, NameConfirmation
from certificates.services.name_links import LINK_KIND
from common import clock
from common.mail_links import LINK, Link
from enrollment.models import Completion
from notices.models import SentReminder
from notices.services.messages import Messages
from notices.services.reminders import claim, days_of
from people.models import Trainee
from people.services.recipients import recipients_of

# Older completions are history: nobody waits for their certificates.
HISTORY = dt.timedelta(days=90)
AT_ONCE = 1_000


@transaction.atomic
def remind_of_names() -> int:
    """Whoever can confirm and has not, once for each completion; return how many."""
    days, messages = days_of(NAME_UNCONFIRMED), Messages()
    if days is None:
        return 0
    due = {str(completion.pk): completion for completion in _unconfirmed(days)}
    claimed = claim(NAME_UNCONFIRMED, due)
    reminded = [completion for key, completion in due.items() if key in claimed]
    people = recipients_of([completion.trainee for completion in reminded])
    for completion, recipient in zip(reminded, people, strict=True):
        address, marks = _way_in(completion.trainee)
        values = partial(_values, completion, address)
        messages.add(NAME_UNCONFIRMED, recipient, values, **marks)
    return messages.send()


def _unconfirmed(days: int) -> QuerySet[Completion]:
    now = clock.now()
    confirmed = NameConfirmation.objects.of_present_name().filter(trainee=OuterRef("trainee"))
    reminded = SentReminder.objects.filter(
        kind=NAME_UNCONFIRMED.name, occasion=Cast(OuterRef("pk"), CharField())
    )
    return (
        Completion.objects.not_voided()
        .exclude(Exists(confirmed))
        .exclude(Exists(Certificate.objects.filter(completion=OuterRef("pk"))))
        .exclude(Exists(reminded))
        .exclude(trainee__user=None, trainee__email="")  # nobody can be told
        .exclude(enrollment=None)  # past results on paper
        .filter(
            recorded_at__lte=now - dt.timedelta(days=days),
            completed_on__gte=clock.today() - HISTORY,
        )
        .select_related("trainee__user", "run__course")
        .order_by("pk")[:AT_ONCE]
    )


def _way_in(person: Trainee) -> tuple[str, dict[str, Any]]:
    """The own page of whoever has an account; for others a link that is made at delivery."""
    if person.user_id:
        return f"{settings.SITE_URL}{reverse('certificates')}", {}
    return LINK, {"link": Link(LINK_KIND, {"trainee": person.pk})}


def _values(completion: Completion, address: str) -> dict[str, str]:
    return {
        "full_name": completion.trainee.full_name,
        "course": completion.run.course.title,
        "link": address,
    }
