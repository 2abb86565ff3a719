from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from counting.job_types import COMPARE_RULES
from counting.personal import PERSONAL
from jobs import job_types


class CountingConfig(AppConfig):
    name = "counting"

    def ready(self) -> None:
        from counting.models import CountingRule, RuleCourse

        personal_fields.register("counting", PERSONAL)
        job_types.register(COMPARE_RULES)
        # A rule changes only by a new version, so that old figures can be replayed.
        protect(CountingRule)
        protect(RuleCourse)
        protect(CountingRule.agencies_left_out.through)
