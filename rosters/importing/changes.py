"""What a roster would change of known people, shown before it is confirmed."""

from collections.abc import Mapping, Sequence
from typing import Any

from rosters.choices import Outcome
from rosters.importing.row_plan import RowPlan


def changes_of(plans: Sequence[RowPlan]) -> dict[str, Any]:
    """Row number → the person's id, and field → its value before the import; JSON values.

    The new value is the row's own. Where somebody would only be enrolled, no field is named.
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
    # Where the enrollment says nothing, lists show what the person's record says.
    shown = {
        field: was or changed.get(field) or getattr(plan.trainee, field, "")
        for field, was in plan.update.before.items()
    }
    return {**changed, **shown}
