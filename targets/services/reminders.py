"""Reminders of deadlines: one when a deadline comes near, one when it has passed."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock, formats
from counting.counter import counted
from targets.choices import QuotaState, Reminder, UnitAnswer
from targets.models import AgencyTask, Quota, TaskReport
from targets.progress.quota_status import quota_statuses
from targets.services.deadline_mail import Claim, Due, Text, readers_of, send
from targets.services.silence import values_overdue

SOON = dt.timedelta(days=30)


def remind() -> int:
    """Send what is due; how many messages. Safe to run twice: each reminder is sent once."""
    if not any(readers_of(_due()).values()):
        return 0
    return remind_of_deadlines(by=SYSTEM)


@audited("deadlines_reminded")
def remind_of_deadlines(*, by: Actor) -> int:
    """One message for each reader, of all deadlines near or passed."""
    messages, agencies = send(_due())
    audit_details(messages=messages, agencies=agencies)
    return messages


# What is due ----------------------------------------------------------------------------


def _due() -> list[Due]:
    last_day = clock.today() + SOON
    return [*_of_quotas(last_day), *_of_tasks(last_day), *values_overdue()]


def _stage(due_on: dt.date, last_day: dt.date, last: str) -> Reminder:
    if due_on > last_day:
        return Reminder.NONE
    stage = Reminder.OVERDUE if due_on < clock.today() else Reminder.SOON
    return Reminder.NONE if stage == last else stage


def _claim(row: Quota | AgencyTask, stage: Reminder) -> Claim:
    rows: Any = type(row).objects.filter(pk=row.pk, last_reminder=row.last_reminder)
    return lambda: bool(rows.update(last_reminder=stage))


def _of_quotas(last_day: dt.date) -> Iterator[Due]:
    stages = {}
    rows = Quota.objects.current().exclude(last_reminder=Reminder.OVERDUE)
    for quota in rows.select_related("target", "agency").order_by("pk"):
        due_on = quota.due_on or quota.target.due_on
        if stage := _stage(due_on, last_day, quota.last_reminder):
            stages[quota] = stage
    if not stages:
        return
    for status in quota_statuses(stages, counted()):
        if status.state != QuotaState.MET:
            what = {
                "agency": status.quota.agency.name,
                "persons": formats.number(status.persons),
                "minimum": formats.number(status.quota.minimum),
                "day": formats.day(status.due_on),
            }
            quota = status.quota
            yield Due(_claim(quota, stages[quota]), {quota.agency_id: partial(_quota_line, what)})


def _of_tasks(last_day: dt.date) -> Iterator[Due]:
    rows = AgencyTask.objects.open().exclude(last_reminder=Reminder.OVERDUE)
    near = rows.filter(due_on__lte=last_day).with_units()
    done = set(TaskReport.objects.waiting().filter(is_final=True).values_list("task", flat=True))
    for task in near.order_by("due_on", "pk"):
        stage = _stage(task.due_on, last_day, task.last_reminder)
        lines = dict(_task_lines(task, is_reported_done=task.pk in done))
        if stage and lines:
            yield Due(_claim(task, stage), lines)


def _task_lines(task: AgencyTask, *, is_reported_done: bool) -> Iterator[tuple[int, Text]]:
    what = {
        "agency": task.agency.name,
        "task": task.title,
        "day": formats.day(task.due_on),
        "unit": task.responsible_unit,
    }
    if not is_reported_done:
        yield task.agency_id, partial(_report_line, what)
    for unit in task.units.all():
        if unit.agency_id and unit.answer not in (UnitAnswer.DONE, UnitAnswer.REFUSED):
            line = _finish_line if unit.answer else _answer_line
            yield unit.agency_id, partial(line, what | {"cooperating": unit.name})


# In words -------------------------------------------------------------------------------


def _quota_line(what: dict[str, str]) -> str:
    return _("%(agency)s: quota due on %(day)s, %(persons)s of %(minimum)s people.") % what


def _report_line(what: dict[str, str]) -> str:
    return _("%(agency)s: task due on %(day)s: %(task)s (responsible: %(unit)s).") % what


def _answer_line(what: dict[str, str]) -> str:
    text = _(
        "%(cooperating)s: no answer yet to the task due on %(day)s: %(task)s "
        "(responsible: %(agency)s, %(unit)s)."
    )
    return text % what


def _finish_line(what: dict[str, str]) -> str:
    text = _(
        "%(cooperating)s: part of the task due on %(day)s not done yet: %(task)s "
        "(responsible: %(agency)s, %(unit)s)."
    )
    return text % what
