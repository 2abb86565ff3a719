"""Open transfer requests that end because something else happens to the person."""

from collections.abc import Collection, Mapping

from agencies.models import Agency, SuccessionLink
from agencies.querysets import current_successor
from audit.services import Actor
from common import clock
from common.bulk import in_list
from people.choices import TransferState
from people.models import TransferRequest


def settle_moved(by: Actor, agency_by_trainee: Mapping[int, int]) -> None:
    if not agency_by_trainee:
        return
    waiting = TransferRequest.objects.pending().filter(trainee__in=in_list(agency_by_trainee))
    asked = list(waiting.values_list("pk", "trainee_id", "to_agency_id"))
    if not asked:
        return
    successors = successors_today()
    done = [
        pk
        for pk, trainee, to_agency in asked
        if current_successor(to_agency, successors)
        == current_successor(agency_by_trainee[trainee], successors)
    ]
    settle(by, done, TransferState.ACCEPTED)


def lapse(by_label: str, trainee_ids: Collection[int]) -> int:
    waiting = TransferRequest.objects.pending().filter(trainee__in=trainee_ids)
    return waiting.update(state=TransferState.LAPSED, settled_at=clock.now(), settled_by=by_label)


def settle(by: Actor, ids: Collection[int], state: TransferState, reason: str = "") -> int:
    if not ids:
        return 0
    return (
        TransferRequest.objects.pending()
        .filter(pk__in=in_list(list(ids)))
        .update(state=state, settled_at=clock.now(), settled_by=by.label, reason=reason)
    )


def successors_today() -> dict[int, int]:
    """Mergers and renamings in force today: predecessor id → successor id."""
    links = SuccessionLink.objects.believed(clock.now()).in_force_on(clock.today())
    return links.successor_by_agency()


def today_of(agency: Agency) -> Agency:
    last = current_successor(agency.pk, successors_today())
    return agency if last == agency.pk else Agency.objects.get(pk=last)
