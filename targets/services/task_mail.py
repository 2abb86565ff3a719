"""Mail about tasks to the coordinators of the agencies concerned, each in their language."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import formats
from targets.models import AgencyTask, TaskReport
from targets.services.recipients import coordinators_of

_ABOUT = _(
    "Task: %(task)s\nResponsible: %(agency)s (%(unit)s)\nLegal basis: %(basis)s\nDeadline: %(day)s"
)


def tell_responsible(task: AgencyTask) -> int:
    """How many messages, as of all here."""
    body = _(
        "Your agency is responsible for a task.\n\n"
        "%(about)s\n\n"
        "Please report its progress and its completion here: %(address)s"
    )
    return _send(task, [task.agency_id], _("A task for your agency"), body)


def ask_for_answers(task: AgencyTask, agencies: Iterable[Agency]) -> int:
    body = _(
        "Your agency is named as a cooperating unit of a task.\n\n"
        "%(about)s\n\n"
        "Please answer whether your agency accepts, has done its part or refuses, with the "
        "reason: %(address)s"
    )
    asked = [agency.pk for agency in agencies]
    return _send(task, asked, _("A task asks for your agency's answer"), body)


def tell_of_return(report: TaskReport, task: AgencyTask) -> int:
    body = _(
        "The programme office has returned the progress reported as of %(reported)s.\n\n"
        "%(about)s\n"
        "Reason: %(note)s\n\n"
        "Please correct it and report it again: %(address)s"
    )
    what = {"reported": formats.day(report.day), "note": report.decision_note}
    return _send(task, [task.agency_id], _("Reported progress was returned"), body, what)


def _send(
    task: AgencyTask,
    agency_ids: Iterable[int],
    subject: Promise,
    body: Promise,
    what: dict[str, Any] | None = None,
) -> int:
    users = {user.pk: user for found in coordinators_of(agency_ids).values() for user in found}
    messages = []
    for user in users.values():
        with translation.override(user.language):
            text = str(body) % {
                "about": str(_ABOUT) % _facts(task),
                "address": settings.SITE_URL + reverse("task_progress", args=[task.pk]),
                **(what or {}),
            }
            messages.append(EmailMessage(str(subject), text, to=[user.email]))
    get_connection().send_messages(messages)
    return len(messages)


def _facts(task: AgencyTask) -> dict[str, str]:
    return {
        "task": task.title,
        "agency": task.agency.name,
        "unit": task.responsible_unit,
        "basis": task.legal_basis or "–",
        "day": formats.day(task.due_on),
    }
