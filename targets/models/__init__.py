from targets.models.quotas import AgencyTask, Quota, Step
from targets.models.reports import PeriodReport, ReportDocument
from targets.models.snapshots import QuarterSnapshot
from targets.models.targets import Target
from targets.models.values import IndicatorValue

__all__ = [
    "AgencyTask",
    "IndicatorValue",
    "PeriodReport",
    "QuarterSnapshot",
    "Quota",
    "ReportDocument",
    "Step",
    "Target",
]
