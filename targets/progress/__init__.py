"""Where the number stands against what was promised."""

from targets.progress.json import as_json
from targets.progress.milestones import Milestone, milestones
from targets.progress.reconciliation import Reconciliation, reconcile

__all__ = ["Milestone", "Reconciliation", "as_json", "milestones", "reconcile"]
