"""A reply is due within two working days (Law 91/2025/QH15, Decree 356/2025/NĐ-CP)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited
from common import clock, formats
from common.constraints import violation_as
from common.working_days import working_days_after
from notices.services.messages import send_each
from people.choices import RequestKind, RequestState
from people.errors import PeopleError, PeopleInputError
from people.message_kinds import DATA_REQUEST_ANSWERED
from people.models import DataRequest, Holiday, Trainee
from people.services.privacy import begin_erasure
from people.services.recipients import recipients_of

WORKING_DAYS_TO_REPLY = 2


@audited("data_request_received")
def ask(
    *,
    by: Actor,
    trainee: Trainee,
    kind: str,
    text: str = "",
    received_on: dt.date | None = None,
) -> DataRequest:
    """Record a request; the deadline runs from today, or from the day on which a letter came.

    Raises PeopleError ``already_asked``, ``erased`` or ``received_in_future``.
    """
    if trainee.erased_at:
        raise PeopleError("erased", _("The data of this person were erased; nothing can be added."))
    day = received_on or clock.today()
    if day > clock.today():
        raise PeopleInputError(
            "received_in_future", _("A request cannot be recorded before it was received.")
        )
    holidays = set(Holiday.objects.filter(day__gt=day).values_list("day", flat=True))
    already = _("This has already been requested; it is being processed.")
    with violation_as(PeopleError, "already_asked", already), transaction.atomic():
        request = DataRequest.objects.create(
            trainee=trainee,
            kind=kind,
            text=text,
            asked_at=clock.start_of_day(day) if received_on else clock.now(),
            reply_by=working_days_after(day, WORKING_DAYS_TO_REPLY, holidays),
        )
    audit_details(trainee=trainee.code, kind=kind, request=request.pk)
    return request


@audited("data_request_answered")
def answer(
    *, by: Actor, request: DataRequest, state: str, text: str, owner: User | None = None
) -> DataRequest:
    """Reply to a person and carry out what is granted.

    A granted withdrawal deletes contact data, a granted erasure begins (``begin_erasure``). A
    correction is made by hand, and a copy is downloaded by the person. ``owner`` watches the job of
    an erasure. Raises PeopleError ``already_settled`` or what the erasure refuses.
    """
    request = DataRequest.objects.select_for_update().get(pk=request.pk)
    if request.state not in (RequestState.OPEN, RequestState.REPLIED):
        raise PeopleError("already_settled", _("This request has already been answered."))
    now = clock.now()
    request.state = state
    request.replied_at = request.replied_at or now
    if state == RequestState.REPLIED:
        request.reply = "\n\n".join(part for part in (request.reply, text) if part)
    else:
        request.answer, request.settled_at, request.settled_by = text, now, by.label
    request.save()
    _tell(request, text)
    if state == RequestState.DONE:
        _grant(request, by, owner)
    audit_details(
        trainee=request.trainee.code,
        kind=request.kind,
        request=request.pk,
        state=state,
        in_time=formats.local_day(request.replied_at) <= request.reply_by,
    )
    return request


def _grant(request: DataRequest, by: Actor, owner: User | None) -> None:
    if request.kind == RequestKind.WITHDRAW:
        Trainee.objects.filter(pk=request.trainee_id).update(email="", phone="")
    elif request.kind == RequestKind.ERASE:
        begin_erasure(by=by, trainee=request.trainee, owner=owner)


def _tell(request: DataRequest, text: str) -> None:
    readers = recipients_of([request.trainee])
    send_each(DATA_REQUEST_ANSWERED, readers, lambda: _answer(request, text))


def _answer(request: DataRequest, text: str) -> dict[str, str]:
    return {
        "full_name": request.trainee.full_name,
        "state": request.get_state_display(),
        "day": formats.day(formats.local_day(request.asked_at)),
        "request": request.get_kind_display(),
        "answer": text,
    }
