"""An agency entered with a wrong kind: what becomes of the results recorded under it."""

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from enrollment.services.results import correct_completion


def recorded_under_another_kind(agency: Agency) -> CompletionQuerySet:
    results = Completion.objects.not_voided().filter(sending_agency=agency)
    return results.exclude(agency_kind=agency.kind, sector=agency.sector)


@audited("results_moved_to_agency_kind")
def move_results_to_agency_kind(*, by: Actor, agency: Agency, reason: str) -> int:
    """Correct each result that was recorded under another kind of the agency; returns how many.

    They count by the new kind from now on; what was believed before can still be asked for.
    """
    results = recorded_under_another_kind(agency).earliest_first()
    found = list(results.select_related("trainee", "run__course", "sending_agency"))
    for completion in found:
        correct_completion(by=by, completion=completion, reason=reason)
    audit_details(agency=agency.slug, kind=agency.kind, results=len(found))
    return len(found)
