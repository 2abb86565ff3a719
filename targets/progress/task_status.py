"""Tasks as they stood on a day, by what was known at an instant."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from common import clock
from counting.asked import known_by
from counting.replay import Count
from targets.choices import TaskState
from targets.models import AgencyTask, CooperatingUnit, TaskReport


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """``key`` is that of the current row, ``progress`` the last report that was accepted."""

    key: int
    task: AgencyTask
    state: TaskState
    units: tuple[CooperatingUnit, ...]
    progress: TaskReport | None
    to_review: int

    @property
    def done_on(self) -> dt.date | None:
        is_done = self.state in (TaskState.DONE, TaskState.DONE_LATE)
        return self.task.done_on if is_done else None

    def as_json(self) -> dict[str, Any]:
        task, progress = self.task, self.progress
        return {
            "id": self.key,
            "indicator": task.indicator.slug,
            "agency": task.agency.slug,
            "agency_name": task.agency.name,
            "title": task.title,
            "legal_basis": task.legal_basis,
            "starts_on": _iso(task.starts_on),
            "due_on": _iso(task.due_on),
            "responsible_unit": task.responsible_unit,
            "cooperating_units": [_unit_as_json(unit) for unit in self.units],
            "done_on": _iso(self.done_on),
            "state": str(self.state),
            "progress": progress and {"day": _iso(progress.day), "text": progress.text},
        }


def believed_at(known_as_of: dt.date | dt.datetime | None) -> dt.datetime:
    """The instant up to which tasks are believed: now, or as figures are."""
    return clock.now() if known_as_of is None else known_by(known_as_of)


def task_statuses(
    tasks: Iterable[AgencyTask], as_of: dt.date, known_as_of: dt.datetime
) -> list[TaskStatus]:
    """Of tasks as believed at that instant, with ``state``, ``agency`` and ``indicator``."""
    rows = list(tasks)
    keys = [_key(task) for task in rows]
    units: dict[int, list[CooperatingUnit]] = defaultdict(list)
    found = CooperatingUnit.objects.believed(known_as_of).filter(task__in=keys)
    for unit in sorted(
        found.select_related("agency"), key=lambda one: one.replaced_by_id or one.pk
    ):
        units[unit.task_id].append(unit)
    reports = TaskReport.objects.filter(task__in=keys, day__lte=as_of)
    progress: dict[int, TaskReport] = {}
    for report in reports.accepted_by(known_as_of).order_by("day", "pk"):
        progress[report.task_id] = report
    waiting = Counter(reports.undecided_at(known_as_of).values_list("task", flat=True))
    return [
        TaskStatus(
            key,
            task,
            TaskState(task.state),  # type: ignore[attr-defined]  # of with_state
            tuple(units[key]),
            progress.get(key),
            waiting[key],
        )
        for key, task in zip(keys, rows, strict=True)
    ]


def tasks_of_period(count: Count, starts_on: dt.date) -> list[TaskStatus]:
    """The tasks of a figure's indicator in the period that ends with it, by what it believes."""
    tasks = AgencyTask.objects.believed(count.known_as_of).of_period(starts_on, count.as_of)
    rows = tasks.filter(indicator__slug=count.indicator).select_related("agency", "indicator")
    return task_statuses(rows, count.as_of, count.known_as_of)


def _key(row: AgencyTask | CooperatingUnit) -> int:
    """The id of the current row of which this is a version."""
    return row.replaced_by_id or row.pk


def _unit_as_json(unit: CooperatingUnit) -> dict[str, Any]:
    return {
        "agency": unit.agency and unit.agency.slug,
        "name": unit.name,
        "answer": unit.answer,
        "reason": unit.change_reason,
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
