"""Mail about tasks to the coordinators of the agencies concerned, each in their language."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from accounts.mail import Recipient
from agencies.models import Agency
from common import formats
from notices.kinds import MessageKind
from notices.services.messages import send_each
from targets.message_kinds import TASK_ANSWER_ASKED, TASK_ASSIGNED, TASK_REPORT_RETURNED
from targets.models import AgencyTask, TaskReport
from targets.services.recipients import coordinators_of


def tell_responsible(task: AgencyTask) -> int:
    """How many messages, as of all here."""
    return _send(task, [task.agency_id], TASK_ASSIGNED)


def ask_for_answers(task: AgencyTask, agencies: Iterable[Agency]) -> int:
    return _send(task, [agency.pk for agency in agencies], TASK_ANSWER_ASKED)


def tell_of_return(report: TaskReport, task: AgencyTask) -> int:
    what = {"reported": formats.day(report.day), "reason": report.decision_note}
    return _send(task, [task.agency_id], TASK_REPORT_RETURNED, **what)


def _send(task: AgencyTask, agency_ids: Iterable[int], kind: MessageKind, **what: str) -> int:
    users = {user.pk: user for found in coordinators_of(agency_ids).values() for user in found}
    readers = [Recipient(user.email, user.language) for user in users.values()]
    return send_each(kind, readers, lambda: _facts(task) | what)


def _facts(task: AgencyTask) -> dict[str, str]:
    return {
        "task": task.title,
        "agency": task.agency.name,
        "unit": task.responsible_unit,
        "basis": task.legal_basis,
        "due_on": formats.day(task.due_on),
        "link": settings.SITE_URL + reverse("task_progress", args=[task.pk]),
    }
