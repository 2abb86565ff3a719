"""An agency asks that another agency's person be transferred to it.

Until somebody accepts, nothing of the person changes and the sender sees the enrollment alone. Who
may answer is a question to the queryset (``answerable_by``): the person, their current agency, the
office.
"""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.bulk import in_list, insert_many
from people.choices import TransferState
from people.errors import PeopleError, PeopleInputError
from people.models import Merge, Trainee, TransferRequest
from people.querysets import resolved, rows_of
from people.services.corrections import lock_trainee, transfer
from people.services.transfer_lapses import settle, today_of
from people.services.transfer_notices import tell_answer, tell_asked


@audited("transfers_asked")
def ask_for_transfers(*, by: Actor, agency: Agency, names: Mapping[int, str]) -> dict[int, int]:
    """Ask for people by the ids of their surviving rows, each with the name as the sender wrote it.

    People whom the agency has asked for already are skipped. Returns trainee id → request id.
    """
    ids, now = sorted(names), clock.now()
    if not ids:
        return {}
    # Two lists at once may name one person: whoever comes second finds the first's request.
    list(Trainee.objects.locked().filter(pk__in=in_list(ids)).order_by("pk").values("pk"))
    waiting = set(asked_already(agency, ids))
    requests = [
        TransferRequest(
            trainee_id=pk,
            to_agency=agency,
            name_as_sent=names[pk][:100],
            asked_at=now,
            asked_by=by.label,
        )
        for pk in ids
        if pk not in waiting
    ]
    insert_many(requests)
    tell_asked(agency, requests)
    audit_details(agency=agency.slug, people=len(requests))
    return {request.trainee_id: request.pk for request in requests}


def asked_already(agency: Agency, ids: Collection[int]) -> list[int]:
    if not ids:
        return []
    waiting = TransferRequest.objects.pending().filter(to_agency=agency)
    found = waiting.filter(trainee__in=in_list(list(ids))).order_by()
    return list(found.values_list("trainee_id", flat=True))


@audited("transfer_accepted")
def accept_transfer(*, by: Actor, request: TransferRequest) -> TransferRequest:
    """Move the person to the agency that asked, or to its successor, from today on.

    Raises PeopleError ``request_settled`` and those of ``transfer``.
    """
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    # The person first, then their requests, as whoever moves or erases them does.
    person = lock_trainee(Trainee.objects.get(pk=resolved(request.trainee_id, survivors)))
    request = _locked(request)
    there = today_of(request.to_agency)
    if person.agency_id != there.pk:
        transfer(by=by, trainee=person, agency=there, on=clock.today())
    rows = rows_of(person.pk, survivors)
    same = TransferRequest.objects.pending().filter(trainee__in=rows, to_agency=request.to_agency)
    settle(by, {request.pk, *same.values_list("pk", flat=True)}, TransferState.ACCEPTED)
    request.refresh_from_db()
    tell_answer(request, person)
    audit_details(trainee=person.code, agency=there.slug, request=request.pk)
    return request


@audited("transfer_declined")
def decline_transfer(*, by: Actor, request: TransferRequest, reason: str) -> TransferRequest:
    """Raises PeopleError ``request_settled`` or ``reason_missing``."""
    request, reason = _locked(request), reason.strip()
    if not reason:
        message = _("Give the reason: the requesting agency will see it.")
        raise PeopleInputError("reason_missing", message)
    settle(by, [request.pk], TransferState.DECLINED, reason[:250])
    request.refresh_from_db()
    tell_answer(request, request.trainee)
    audit_details(trainee=request.trainee.code, agency=request.to_agency.slug, request=request.pk)
    return request


@audited("transfers_withdrawn")
def withdraw_transfers(*, by: Actor, ids: Collection[int]) -> int:
    count = settle(by, ids, TransferState.WITHDRAWN)
    audit_details(requests=count)
    return count


def _locked(request: TransferRequest) -> TransferRequest:
    rows = TransferRequest.objects.select_for_update(of=("self",))
    locked = rows.select_related("trainee", "to_agency").get(pk=request.pk)
    if locked.state != TransferState.PENDING:
        raise PeopleError("request_settled", _("This request has already been answered."))
    return locked
