from django.apps import AppConfig

from common.append_only import protect
from common.registries import TimedTask, timed_tasks


class TargetsConfig(AppConfig):
    name = "targets"

    def ready(self) -> None:
        from targets.models import CountingRule, PeriodReport, RuleCourse
        from targets.services.reminding import remind

        # A rule changes by a new version only: what it once counted must come out again.
        protect(CountingRule)
        protect(RuleCourse)
        protect(CountingRule.agencies_left_out.through)
        protect(PeriodReport, but=("reopened_at", "reopened_by", "reopen_reason"))
        timed_tasks.register("remind_of_deadlines", TimedTask(remind, seconds=3600))
