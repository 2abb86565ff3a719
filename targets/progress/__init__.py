"""The number: who is counted, as of any day, as it was believed at any instant.

Every figure on every page, API and report comes from ``counted``.
"""

from targets.progress.answers import as_json, as_rows
from targets.progress.counting import asked_day, counted, known_by
from targets.progress.explaining import Explanation, explain
from targets.progress.folding import rebuild
from targets.progress.grouping import UNRESOLVED, Group, groups
from targets.progress.milestones import Milestone, milestones
from targets.progress.reconciling import Reconciliation, reconcile
from targets.progress.replay import (
    TRAINED_OFFICIALS,
    Count,
    CountedPerson,
    GroupBy,
    Part,
    QualifyingCompletion,
    qualifying,
    replayed,
)

__all__ = [
    "TRAINED_OFFICIALS",
    "UNRESOLVED",
    "Count",
    "CountedPerson",
    "Explanation",
    "Group",
    "GroupBy",
    "Milestone",
    "Part",
    "QualifyingCompletion",
    "Reconciliation",
    "as_json",
    "as_rows",
    "asked_day",
    "counted",
    "explain",
    "groups",
    "known_by",
    "milestones",
    "qualifying",
    "rebuild",
    "reconcile",
    "replayed",
]
