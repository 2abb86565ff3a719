"""Reasons for leaving had been written over the remarks: move them where a record says so.

What can be told: the seat ledger holds the reason of whoever gave a seat or a number on the
waiting list back; a rejection has always asked for a reason; a cancelled class keeps its own, and
so does an undone roster. Everything else stays in the remarks, as it has been shown so far.
"""

import re
from typing import Any

from django.db import migrations

BATCH = 500
LEDGER_TEXT = 200  # the ledger keeps as much of a reason
UNDONE = re.compile(r"^(Roster .+ undone|Đã hoàn tác danh sách .+)$", re.DOTALL)


def move_reasons(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    enrollments = apps.get_model("enrollment", "Enrollment").objects.using(database)
    left = enrollments.filter(state__in=("rejected", "withdrawn", "cancelled"))
    last = 0
    with_remarks = left.exclude(remarks="").order_by("id")
    while part := list(with_remarks.filter(id__gt=last)[:BATCH]):
        reasons = _ledger(apps, database, [one.pk for one in part])
        moved = [one for one in part if _is_reason(one, reasons.get(one.pk, set()))]
        for one in moved:
            one.withdrawal_reason, one.remarks = one.remarks, ""
        enrollments.bulk_update(moved, ["withdrawal_reason", "remarks"], batch_size=BATCH)
        last = part[-1].pk
    runs = apps.get_model("courses", "CourseRun").objects.using(database)
    for run in runs.filter(state="cancelled").exclude(cancelled_because=""):
        ended = left.filter(run_id=run.pk, state="cancelled", withdrawal_reason="")
        ended.update(withdrawal_reason=run.cancelled_because)


def _ledger(apps: Any, database: str, ids: list[int]) -> dict[int, set[str]]:
    """Enrollment → the reasons for leaving that the seat ledger holds of it."""
    moves = apps.get_model("enrollment", "SeatMove").objects.using(database)
    lines = moves.filter(enrollment__in=ids, reason__in=("withdrawn", "cancelled"))
    found: dict[int, set[str]] = {}
    for enrollment, remark in lines.values_list("enrollment_id", "remark"):
        found.setdefault(enrollment, set()).add(remark)
    return found


def _is_reason(enrollment: Any, ledger: set[str]) -> bool:
    if enrollment.state == "rejected" or enrollment.remarks[:LEDGER_TEXT] in ledger:
        return True
    return enrollment.state == "cancelled" and bool(UNDONE.match(enrollment.remarks))


class Migration(migrations.Migration):
    dependencies = (
        ("enrollment", "0002_remarks_and_withdrawal_reason"),
        ("courses", "0002_decisions_name_their_issuer"),
    )

    operations = (migrations.RunPython(move_reasons, migrations.RunPython.noop),)
