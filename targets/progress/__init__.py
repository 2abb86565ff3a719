from targets.progress.milestones import Milestone, milestones
from targets.progress.output import as_json
from targets.progress.reconciliation import Reconciliation, reconcile

__all__ = ["Milestone", "Reconciliation", "as_json", "milestones", "reconcile"]
