"""Mails about transfer requests, each in its reader's language.

The sender reads the name as it wrote it, and nothing else that is on record.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from agencies.models import Agency
from common import formats
from common.bulk import in_list
from notices.kinds import MessageKind
from notices.services.messages import send_each
from notices.services.texts import words_of
from people import message_kinds as kinds
from people.choices import TransferState
from people.models import Trainee, TransferRequest
from people.services.letters import tell_people
from people.services.recipients import coordinators_of

NAMED = 20


def tell_asked(agency: Agency, requests: Sequence[TransferRequest]) -> None:
    if not requests:
        return
    ids = [request.trainee_id for request in requests]
    people = list(
        Trainee.objects.filter(pk__in=in_list(ids)).select_related("user").in_roster_order()
    )
    by_agency = defaultdict[int, list[str]](list)
    for person in people:
        by_agency[person.agency_id].append(person.full_name)
    coordinators = coordinators_of({agency.pk, *by_agency})
    sent = [request.name_as_sent or "–" for request in requests]
    send_each(kinds.TRANSFERS_REQUESTED, coordinators[agency.pk], partial(_values, agency, sent))
    for former, names in by_agency.items():
        send_each(kinds.TRANSFERS_ASKED, coordinators[former], partial(_values, agency, names))
    _tell(people, kinds.TRANSFER_OF_PERSON_ASKED, lambda: _values(agency, [], page="my"))


def tell_answer(request: TransferRequest, person: Trainee) -> None:
    agency = request.to_agency
    is_accepted = request.state == TransferState.ACCEPTED
    for_sender, for_person = kinds.TRANSFER_ACCEPTED if is_accepted else kinds.TRANSFER_DECLINED
    answer = {"full_name": request.name_as_sent or "–", "reason": request.reason}
    senders = coordinators_of({agency.pk})[agency.pk]
    send_each(for_sender, senders, lambda: _values(agency, []) | answer)
    _tell([person], for_person, lambda: _values(agency, [], page="my"))


def _tell(
    people: Sequence[Trainee], kind: MessageKind, values: Callable[[], Mapping[str, str]]
) -> None:
    tell_people(people, words_of(kind, values), kind=kind.name)


def _listed(names: Sequence[str]) -> str:
    lines = [f"– {name}" for name in names[:NAMED]]
    if len(names) > NAMED:
        more = {"count": formats.number(len(names) - NAMED)}
        lines.append(_("– and %(count)s more") % more)
    return "\n".join(lines)


def _values(
    agency: Agency, names: Sequence[str], *, page: str = "transfer_requests"
) -> dict[str, str]:
    return {
        "agency": agency.name,
        "count": formats.number(len(names)),
        "lines": _listed(names),
        "link": f"{settings.SITE_URL}{reverse(page)}",
    }
