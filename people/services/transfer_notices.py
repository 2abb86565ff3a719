"""Mails about transfer requests, each in its reader's language.

The sender reads the name as it wrote it, and nothing else that is on record.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.mail import mail_each
from agencies.models import Agency
from common import formats
from common.bulk import in_list
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
    mail_each(coordinators[agency.pk], lambda: _asking(agency, sent))
    for former, names in by_agency.items():
        mail_each(coordinators[former], partial(_asked, agency, names))
    tell_people(people, lambda: _to_person(agency))


def tell_answer(request: TransferRequest, person: Trainee) -> None:
    agency = request.to_agency
    mail_each(coordinators_of({agency.pk})[agency.pk], lambda: _answer_for_sender(request))
    tell_people([person], lambda: _answer_for_person(request))


def _page(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"


def _listed(names: Sequence[str]) -> str:
    lines = [f"– {name}" for name in names[:NAMED]]
    if len(names) > NAMED:
        more = {"count": formats.number(len(names) - NAMED)}
        lines.append(_("– and %(count)s more") % more)
    return "\n".join(lines)


def _values(agency: Agency, names: Sequence[str]) -> dict[str, Any]:
    count = formats.number(len(names))
    return {"agency": agency.name, "count": count, "names": _listed(names)}


def _asked(agency: Agency, names: Sequence[str]) -> tuple[str, str]:
    values = _values(agency, names) | {"address": _page("transfer_requests")}
    subject = ngettext(
        "%(agency)s requests the transfer of %(count)s person",
        "%(agency)s requests the transfer of %(count)s people",
        len(names),
    )
    body = _(
        "%(agency)s has nominated people of your agency for a class and requests "
        "their transfer:\n\n"
        "%(names)s\n\n"
        "Until this is answered, their records do not change and %(agency)s cannot "
        "see them. Accept or decline at %(address)s."
    )
    return subject % values, body % values


def _asking(agency: Agency, names: Sequence[str]) -> tuple[str, str]:
    values = _values(agency, names) | {"address": _page("transfer_requests")}
    body = _(
        "Some people nominated by %(agency)s are registered with another agency. A "
        "transfer has been requested for:\n\n"
        "%(names)s\n\n"
        "Their enrollment remains valid. You can see whether the transfer is "
        "accepted at %(address)s."
    )
    return _("Transfers requested by %(agency)s") % values, body % values


def _to_person(agency: Agency) -> tuple[str, str]:
    values = {"agency": agency.name, "address": _page("my")}
    body = _(
        "%(agency)s has nominated you for a class and requests your transfer to it. "
        "Until you, your agency or the programme office accept, your record does not "
        "change and %(agency)s cannot see it. If you have an account, you can answer "
        "at %(address)s."
    )
    return _("%(agency)s requests your transfer") % values, body % values


def _answer_for_sender(request: TransferRequest) -> tuple[str, str]:
    values = {
        "agency": request.to_agency.name,
        "name": request.name_as_sent or "–",
        "reason": request.reason,
    }
    if request.state == TransferState.ACCEPTED:
        body = _("The transfer of %(name)s to %(agency)s was accepted.")
    else:
        body = _("The transfer of %(name)s to %(agency)s was declined.\n\nReason: %(reason)s")
    return _("Transfer of %(name)s") % values, body % values


def _answer_for_person(request: TransferRequest) -> tuple[str, str]:
    values = {"agency": request.to_agency.name}
    if request.state == TransferState.ACCEPTED:
        body = _("Your transfer to %(agency)s was accepted: it is now your agency.")
    else:
        body = _("Your transfer to %(agency)s was declined: your agency does not change.")
    return _("Your transfer to %(agency)s") % values, body % values
