"""What the worker does by the clock."""

import re
from pathlib import Path

from django.conf import settings

from common.registries import timed_tasks


def test_operations_lists_every_timed_task_and_no_other() -> None:
    text = (Path(settings.BASE_DIR) / "docs/operations.md").read_text()
    table = text.partition("| task | every |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert documented == {name for name, _task in timed_tasks}


def test_signed_heads_are_time_stamped_by_the_clock() -> None:
    assert dict(timed_tasks)["stamp_audit"].seconds == 600
