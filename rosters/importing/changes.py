"""What a roster would change of people already known, to be seen before anybody confirms it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rosters.choices import Outcome
from rosters.importing.row_plan import RowPlan


def changes_of(plans: Sequence[RowPlan]) -> dict[str, Any]:
    """By row number: the id of the person, and field → what stands there until it is entered.

    All in plain values. What will stand there is what the row says. Of whom only the place in the
    class is new, no field is named.
    """
    return {
        str(plan.row.number): [plan.trainee.pk, _before(plan)]
        for plan in plans
        if plan.trainee and plan.result.outcome == Outcome.MATCHED
    }


def _before(plan: RowPlan) -> Mapping[str, Any]:
    changed = plan.changed or {}
    if plan.update is None:
        return changed
    if plan.is_foreign:
        return plan.update.before
    # Where the place says nothing of its own, lists show what the person's row says.
    stood = {
        field: was or changed.get(field) or getattr(plan.trainee, field, "")
        for field, was in plan.update.before.items()
    }
    return {**changed, **stood}
