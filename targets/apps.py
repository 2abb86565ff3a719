from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import (
    Deferred,
    TimedTask,
    agency_sections,
    audit_head_stores,
    timed_tasks,
)
from jobs import job_types
from notices.kinds import message_kinds
from targets.job_types import COMPUTE_PAGE, RECONCILE, SIGN_OFF, SIGN_REPORT_FILE
from targets.personal import PERSONAL


class TargetsConfig(AppConfig):
    name = "targets"

    def ready(self) -> None:
        from targets.message_kinds import ALL
        from targets.models import (
            FrozenLists,
            FrozenPart,
            IndicatorValue,
            PeriodReport,
            ReportDocument,
            ReportingDuty,
        )

        for kind in ALL:
            message_kinds.register(kind.name, kind)
        personal_fields.register("targets", PERSONAL)
        job_types.register(RECONCILE, SIGN_OFF, SIGN_REPORT_FILE, COMPUTE_PAGE)
        remind = Deferred("targets.services.reminders.remind")
        nightly = Deferred("targets.services.nightly_reconciliation.reconcile_nightly")
        timed_tasks.register("reconcile", TimedTask(nightly, seconds=1800))
        protect(PeriodReport, except_fields=("reopened_at", "reopened_by", "reopen_reason"))
        for model in (FrozenLists, FrozenPart, ReportDocument, ReportingDuty):
            protect(model)
        withdrawal = ("withdrawn_at", "withdrawn_by", "withdrawal_reason", "replaced_by")
        protect(IndicatorValue, when="decided_at", except_fields=withdrawal)
        timed_tasks.register("remind_of_deadlines", TimedTask(remind, seconds=3600))
        snapshots = Deferred("targets.progress.snapshots.snapshot_quarters")
        timed_tasks.register("quarter_snapshots", TimedTask(snapshots, seconds=43_200))
        agency_sections.register("tasks", Deferred("targets.views.task_list.tasks_of_agency"))
        audit_head_stores.register("reports", Deferred("targets.services.evidence.audit_heads"))
