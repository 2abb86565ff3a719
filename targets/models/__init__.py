"""What was promised, by whom, how it is counted, and what was signed."""

from targets.models.kept import KeptCompletion, KeptPart, KeptState
from targets.models.measures import IndicatorValue
from targets.models.promises import CountingRule, Indicator, RuleCourse, Target
from targets.models.quotas import AgencyTask, Quota
from targets.models.reports import PeriodReport

__all__ = [
    "AgencyTask",
    "CountingRule",
    "Indicator",
    "IndicatorValue",
    "KeptCompletion",
    "KeptPart",
    "KeptState",
    "PeriodReport",
    "Quota",
    "RuleCourse",
    "Target",
]
