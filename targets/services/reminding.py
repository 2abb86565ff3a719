"""Reminding agencies of deadlines: once when they come near, once when they have passed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Coordinator
from audit.services import SYSTEM, Actor, deed, note
from common import clock, formats
from targets.choices import Reminder, Standing
from targets.models import AgencyTask, Quota
from targets.progress import counted
from targets.progress.standing import standings

SOON = dt.timedelta(days=30)
Text = Callable[[], str]


def remind() -> int:
    """Put what is due into the outbox; how many messages. Safe to run twice: each is sent once."""
    last_day = clock.today() + SOON
    if not _due(AgencyTask.objects.open(), last_day).exists() and not _quotas(last_day):
        return 0
    return remind_of_deadlines(by=SYSTEM)


@deed("deadlines_reminded")
def remind_of_deadlines(*, by: Actor) -> int:
    """One message for each coordinator of an agency and each deadline near or passed."""
    last_day = clock.today() + SOON
    lines: dict[int, list[Text]] = defaultdict(list)
    for agency_id, line in (*_of_quotas(last_day), *_of_tasks(last_day)):
        lines[agency_id].append(line)
    terms = Coordinator.objects.in_office().filter(agency__in=lines).select_related("user")
    messages = [_message(term.user, lines[term.agency_id]) for term in terms]
    get_connection().send_messages(messages)
    note(messages=len(messages), agencies=len(lines))
    return len(messages)


def _quotas(last_day: dt.date) -> list[Quota]:
    """Quotas whose deadline is near or passed and was not told yet."""
    quotas = Quota.objects.exclude(last_reminder=Reminder.OVERDUE)
    found = quotas.select_related("target", "agency").order_by("pk")
    return [quota for quota in found if _stage(_deadline(quota), last_day, quota.last_reminder)]


def _deadline(quota: Quota) -> dt.date:
    return quota.due_on or quota.target.due_on


def _stage(due_on: dt.date, last_day: dt.date, told: str) -> Reminder:
    """The reminder that is due by now and was not sent yet, or none."""
    if due_on > last_day:
        return Reminder.NONE
    stage = Reminder.OVERDUE if due_on < clock.today() else Reminder.SOON
    return Reminder.NONE if stage == told else stage


def _of_quotas(last_day: dt.date) -> Iterator[tuple[int, Text]]:
    if not (quotas := _quotas(last_day)):
        return
    for standing in standings(quotas, counted()):
        quota, told = standing.quota, standing.quota.last_reminder
        stage = _stage(standing.due_on, last_day, told)
        if _claimed(Quota, quota, stage) and standing.state != Standing.MET:
            what = {
                "persons": formats.number(standing.persons),
                "minimum": formats.number(quota.minimum),
                "day": formats.day(standing.due_on),
            }
            yield quota.agency_id, partial(_quota_line, what)


def _due(tasks: Any, last_day: dt.date) -> Any:
    near = tasks.filter(due_on__lte=last_day, last_reminder=Reminder.NONE)
    passed = tasks.filter(due_on__lt=clock.today()).exclude(last_reminder=Reminder.OVERDUE)
    return near | passed


def _of_tasks(last_day: dt.date) -> Iterator[tuple[int, Text]]:
    for task in _due(AgencyTask.objects.open(), last_day).order_by("due_on", "pk"):
        if _claimed(AgencyTask, task, _stage(task.due_on, last_day, task.last_reminder)):
            what = {"task": task.title, "day": formats.day(task.due_on)}
            what["unit"] = task.responsible_unit
            yield task.agency_id, partial(_task_line, what)


def _quota_line(what: dict[str, str]) -> str:
    return _("Quota of your agency, due on %(day)s: %(persons)s of %(minimum)s people.") % what


def _task_line(what: dict[str, str]) -> str:
    return _("Task due on %(day)s: %(task)s (responsible: %(unit)s).") % what


def _claimed(model: Any, row: Quota | AgencyTask, stage: Reminder) -> bool:
    """Write the reminder down; only whoever did so sends it."""
    told = row.last_reminder
    changed = model.objects.filter(pk=row.pk, last_reminder=told).update(last_reminder=stage)
    return bool(stage and changed)


def _message(user: User, lines: list[Text]) -> EmailMessage:
    with translation.override(user.language):
        body = _("These deadlines of your agency are near or have passed:\n\n%(lines)s") % {
            "lines": "\n".join(f"- {line()}" for line in lines)
        }
        return EmailMessage(_("Deadlines of your agency"), body, to=[user.email])
