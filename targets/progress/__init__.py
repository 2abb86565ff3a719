"""The number: who is counted, as of any day, as it was believed at any instant.

Every figure on every page, API and report comes from ``counted``.
"""

from targets.progress.answers import as_json
from targets.progress.counting import (
    TRAINED_OFFICIALS,
    Count,
    CountedPerson,
    QualifyingCompletion,
    counted,
    known_by,
    qualifying,
)
from targets.progress.explaining import Explanation, explain
from targets.progress.grouping import UNRESOLVED, Group, GroupBy, groups
from targets.progress.milestones import Milestone, milestones
from targets.progress.reconciling import Reconciliation, reconcile

__all__ = [
    "TRAINED_OFFICIALS",
    "UNRESOLVED",
    "Count",
    "CountedPerson",
    "Explanation",
    "Group",
    "GroupBy",
    "Milestone",
    "QualifyingCompletion",
    "Reconciliation",
    "as_json",
    "counted",
    "explain",
    "groups",
    "known_by",
    "milestones",
    "qualifying",
    "reconcile",
]
