from typing import Any

from django.urls import reverse

from counting.comparison import store_comparison
from counting.job_types import COMPARE_RULES, ComparisonPayload
from counting.replay import Terms
from jobs.services import Progress


@COMPARE_RULES.work
def compare_rules(progress: Progress[ComparisonPayload]) -> dict[str, Any]:
    draft = Terms.from_json(progress.payload["terms"])
    store_comparison(draft, advance=progress.advance)
    return {"page": reverse("rule_draft", args=[draft.digest])}
