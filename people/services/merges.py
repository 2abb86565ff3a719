from collections.abc import Iterable

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock, record_time
from common.advisory_locks import lock_until_commit
from common.bulk import in_list
from people.choices import CandidateState
from people.errors import PeopleError
from people.limits import MERGING_LOCK
from people.models import CandidatePair, Merge, Trainee
from people.querysets import CandidatePairQuerySet, resolved, rows_of
from people.services.bulk import BATCH


@audited("candidates_listed")
def list_candidates(*, by: Actor, pairs: Iterable[tuple[int, int]]) -> int:
    ordered = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    rows = [CandidatePair(first_id=first, second_id=second) for first, second in sorted(ordered)]
    CandidatePair.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    audit_details(pairs=len(rows))
    return len(rows)


@audited("people_merged")
def merge(*, by: Actor, survivor: Trainee, absorbed: Trainee, reason: str = "") -> Merge:
    """Record that two rows are one person. Raises PeopleError ``same_row``, ``already_merged``."""
    lock_until_commit(MERGING_LOCK)
    # Those recorded by a clock that is ahead of ours, too.
    survivor_by_absorbed = Merge.objects.not_undone_at(clock.now()).survivor_by_absorbed()
    last = resolved(survivor.pk, survivor_by_absorbed)
    chains = {row for one in (survivor, absorbed) for row in rows_of(one.pk, survivor_by_absorbed)}
    rows = Trainee.objects.locked().filter(pk__in=in_list(chains))
    list(rows.order_by("pk"))  # nobody of them is erased meanwhile
    if last == absorbed.pk or survivor.pk == absorbed.pk:
        raise PeopleError("same_row", _("These two records are already merged."))
    if absorbed.pk in survivor_by_absorbed:
        raise PeopleError("already_merged", _("This person has already been merged into another."))
    merged = Merge.objects.create(
        survivor=survivor,
        absorbed=absorbed,
        reason=reason,
        recorded_by=by.label,
        pair_before=_settled(survivor, absorbed),
    )
    settle_pair(by=by, one=survivor, other=absorbed, state=CandidateState.SAME)
    audit_details(survivor=survivor.code, absorbed=absorbed.code)
    return merged


def _pairs_of(one: Trainee, other: Trainee) -> CandidatePairQuerySet:
    first, second = sorted((one.pk, other.pk))
    return CandidatePair.objects.filter(first=first, second=second)


def _settled(one: Trainee, other: Trainee) -> dict[str, str] | None:
    """The pair's decision "different people" in plain values, if there is one."""
    pair = _pairs_of(one, other).filter(state=CandidateState.DIFFERENT).first()
    if pair is None or pair.settled_at is None:
        return None
    at = pair.settled_at.isoformat()
    return {"state": pair.state, "settled_at": at, "settled_by": pair.settled_by}


@audited("merge_undone")
def undo_merge(*, by: Actor, merge: Merge) -> None:
    """Raises PeopleError ``already_undone``."""
    undone = Merge.objects.filter(pk=merge.pk, undone_at=None).update(
        undone_at=record_time.now(), undone_by=by.label
    )
    if not undone:
        raise PeopleError("already_undone", _("This merge has already been undone."))
    before = merge.pair_before or {
        "state": CandidateState.OPEN, "settled_at": None, "settled_by": "",
    }  # fmt: skip
    _pairs_of(merge.survivor, merge.absorbed).update(**before)
    audit_details(survivor=merge.survivor.code, absorbed=merge.absorbed.code)


@audited("candidate_settled")
def settle_pair(*, by: Actor, one: Trainee, other: Trainee, state: str) -> CandidatePair:
    first, second = sorted((one.pk, other.pk))
    pair, _created = CandidatePair.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"state": state, "settled_at": clock.now(), "settled_by": by.label},
    )
    audit_details(first=one.code, second=other.code, state=str(state))
    return pair
