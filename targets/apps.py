from django.apps import AppConfig

from common.append_only import protect


class TargetsConfig(AppConfig):
    name = "targets"

    def ready(self) -> None:
        from targets.models import CountingRule, PeriodReport, RuleCourse

        # A rule changes by a new version only: what it once counted must come out again.
        protect(CountingRule)
        protect(RuleCourse)
        protect(CountingRule.agencies_left_out.through)
        protect(PeriodReport, but=("reopened_at", "reopened_by", "reopen_reason"))
