from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, places_of_audit_heads, timed_tasks
from targets.personal import PERSONAL


class TargetsConfig(AppConfig):
    name = "targets"

    def ready(self) -> None:
        from targets.models import CountingRule, PeriodReport, RuleCourse

        personal_fields.register("targets", PERSONAL)
        # A rule changes by a new version only: what it once counted must come out again.
        protect(CountingRule)
        protect(RuleCourse)
        protect(CountingRule.agencies_left_out.through)
        remind = Deferred("targets.services.reminding.remind")
        nightly = Deferred("targets.services.reconciling.reconcile_nightly")
        timed_tasks.register("reconcile", TimedTask(nightly, seconds=1800))
        protect(PeriodReport, but=("reopened_at", "reopened_by", "reopen_reason"))
        timed_tasks.register("remind_of_deadlines", TimedTask(remind, seconds=3600))
        places_of_audit_heads.register("reports", Deferred("targets.services.evidence.audit_heads"))
