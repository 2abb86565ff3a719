from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, stores_of_audit_heads, timed_tasks
from targets.personal import PERSONAL


class TargetsConfig(AppConfig):
    name = "targets"

    def ready(self) -> None:
        from targets.models import PeriodReport

        personal_fields.register("targets", PERSONAL)
        remind = Deferred("targets.services.reminders.remind")
        nightly = Deferred("targets.services.nightly_reconciliation.reconcile_nightly")
        timed_tasks.register("reconcile", TimedTask(nightly, seconds=1800))
        protect(PeriodReport, but=("reopened_at", "reopened_by", "reopen_reason"))
        timed_tasks.register("remind_of_deadlines", TimedTask(remind, seconds=3600))
        stores_of_audit_heads.register("reports", Deferred("targets.services.evidence.audit_heads"))
