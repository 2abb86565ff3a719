"""After a split, the office assigns people's results to the successors by name."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.choices import SuccessionKind
from agencies.models import Agency, Succession, SuccessionLink
from agencies.querysets import with_departments_and_predecessors
from audit.services import Actor, audit_details, audited
from common import clock, record_time
from common.constraints import violation_as
from enrollment.errors import EnrollmentError
from enrollment.models import Completion, CompletionSplitAssignment
from enrollment.querysets import CompletionQuerySet

BATCH_SIZE = 500


@audited("completions_assigned_after_split")
def assign_completions(
    *, by: Actor, succession: Succession, agency: Agency, completions: Sequence[Completion]
) -> int:
    """Assign completions to one successor of a split.

    The completions themselves do not change: only the view *as it is today* reads this.
    """
    if succession.kind != SuccessionKind.SPLIT or succession.voided_at:
        raise EnrollmentError(
            "no_split", _("Results can be assigned to a successor only after a split.")
        )
    if not succession.links.filter(successor=agency).exists():
        text = _("%(agency)s is not a successor in this split.")
        raise EnrollmentError("no_successor", text % {"agency": agency.name})
    recorded_at = record_time.now()
    rows = [
        CompletionSplitAssignment(
            completion=completion,
            succession=succession,
            agency=agency,
            recorded_at=recorded_at,
            recorded_by=by.label,
        )
        for completion in completions
    ]
    already = _("One of these results has already been assigned.")
    # Two people may assign the same result at once: the constraint decides.
    with violation_as(EnrollmentError, "already_assigned", already), transaction.atomic():
        CompletionSplitAssignment.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    audit_details(succession=succession.pk, agency=agency.slug, completions=len(rows))
    return len(rows)


def carry_assignments(*, before: Completion, after: Completion) -> None:
    """A corrected result of the same sending agency stays with the successor chosen for it."""
    if before.sending_agency_id != after.sending_agency_id:
        return
    CompletionSplitAssignment.objects.bulk_create(
        CompletionSplitAssignment(
            completion=after,
            succession=assigned.succession,
            agency=assigned.agency,
            recorded_by=assigned.recorded_by,
        )
        for assigned in before.split_assignments.select_related("succession", "agency")
    )


def split_awaiting_assignment(completion: Completion, successor: Agency) -> Succession:
    """The split with this successor that the completion has not been assigned after."""
    splits = Succession.objects.not_voided().filter(kind=SuccessionKind.SPLIT)
    for split in splits.filter(links__successor=successor).distinct():
        if unresolved(split).filter(pk=completion.pk).exists():
            return split
    raise EnrollmentError(
        "no_split", _("Results can be assigned to a successor only after a split.")
    )


def unresolved(succession: Succession) -> CompletionQuerySet:
    links = SuccessionLink.objects.believed(clock.now())
    # Agencies merged into the split one before it sent people too.
    own = set(succession.links.values_list("predecessor_id", flat=True))
    senders = with_departments_and_predecessors(own, {}, links.successor_by_agency())
    # Also by a split of the same agency that was voided and recorded again.
    successors = succession.links.values("successor")
    settled = CompletionSplitAssignment.objects.filter(
        succession__links__predecessor__in=own, agency__in=successors
    )
    return (
        Completion.objects.not_voided()
        .filter(sending_agency__in=senders)
        .exclude(pk__in=settled.values("completion"))
    )
