"""What becomes of open transfer requests when something else happens to the person."""

from collections.abc import Collection, Mapping

from agencies.models import Agency, SuccessionLink
from agencies.querysets import carried
from audit.services import Actor
from common import clock
from common.bulk import in_list
from people.choices import TransferState
from people.models import TransferRequest


def settle_moved(by: Actor, agency_by_trainee: Mapping[int, int]) -> None:
    """Whoever came to the agency that asked for them has come; other agencies' requests wait."""
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
        if carried(to_agency, successors) == carried(agency_by_trainee[trainee], successors)
    ]
    settle(by, done, TransferState.ACCEPTED)


def lapse(by_label: str, trainee_ids: Collection[int]) -> int:
    """Nobody is left to be moved: the open requests for these rows are over."""
    waiting = TransferRequest.objects.pending().filter(trainee__in=trainee_ids)
    return waiting.update(state=TransferState.LAPSED, settled_at=clock.now(), settled_by=by_label)


def settle(by: Actor, ids: Collection[int], state: TransferState, reason: str = "") -> int:
    """Give open requests their last state; how many there were."""
    if not ids:
        return 0
    return (
        TransferRequest.objects.pending()
        .filter(pk__in=in_list(list(ids)))
        .update(state=state, settled_at=clock.now(), settled_by=by.label, reason=reason)
    )


def successors_today() -> dict[int, int]:
    """Mergers and renamings in force today: agency id → the id of what it became."""
    links = SuccessionLink.objects.believed(clock.now()).in_force_on(clock.today())
    return links.successor_by_agency()


def today_of(agency: Agency) -> Agency:
    """What an agency has become."""
    last = carried(agency.pk, successors_today())
    return agency if last == agency.pk else Agency.objects.get(pk=last)
