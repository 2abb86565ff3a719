from targets.models.duties import ReportingDuty, ReportingReminder
from targets.models.quotas import AudienceStep as AudienceStep
from targets.models.quotas import Quota, Step
from targets.models.reports import FrozenLists, FrozenPart, PeriodReport, ReportDocument
from targets.models.snapshots import QuarterSnapshot
from targets.models.targets import Target
from targets.models.tasks import AgencyTask, CooperatingUnit, TaskReport
from targets.models.values import IndicatorValue

__all__ = [
    "AgencyTask",
    "CooperatingUnit",
    "FrozenLists",
    "FrozenPart",
    "IndicatorValue",
    "PeriodReport",
    "QuarterSnapshot",
    "Quota",
    "ReportDocument",
    "ReportingDuty",
    "ReportingReminder",
    "Step",
    "Target",
    "TaskReport",
]
