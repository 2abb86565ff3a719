from typing import Any, Final, TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.job_types import JobType


class ComparisonPayload(TypedDict):
    """``terms`` as ``counting.replay.Terms.as_json`` gives them; ``key`` is their digest."""

    key: str
    terms: dict[str, Any]


COMPARE_RULES: Final = JobType[ComparisonPayload](
    "compare_rules", module="counting.tasks", label=_("Preview of a counting rule")
)
