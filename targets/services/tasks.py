import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock, record_time
from counting.models import Indicator
from targets.choices import Reminder, UnitAnswer, ValueState
from targets.errors import TargetError, TargetInputError
from targets.models import AgencyTask, CooperatingUnit, TaskReport
from targets.services.history import store_former
from targets.services.task_mail import ask_for_answers, tell_of_return, tell_responsible
from targets.services.values import STORED, require_evidence


@audited("task_set")
def set_task(
    *,
    by: Actor,
    indicator: Indicator,
    agency: Agency,
    title: str,
    due_on: dt.date,
    responsible_unit: str,
    legal_basis: str = "",
    starts_on: dt.date | None = None,
    cooperating_units: Sequence[Agency] = (),
    other_units: Sequence[str] = (),
    reason: str = "",
    task: AgencyTask | None = None,
) -> AgencyTask:
    """Enter a task of an agency, or change ``task`` for a reason; former versions are kept.

    Raises TargetError: ``task_incomplete``, ``due_before_start``, ``cooperates_with_itself``,
    ``reason_missing``, ``task_removed``.
    """
    if not (title.strip() and responsible_unit.strip()):
        message = _("A task needs a description and a responsible unit.")
        raise TargetError("task_incomplete", message)
    if starts_on and starts_on > due_on:
        raise TargetInputError("due_before_start", _("A task cannot be due before it starts."))
    if agency in cooperating_units:
        message = _("%(agency)s is responsible: it cannot be a cooperating unit as well.")
        raise TargetError("cooperates_with_itself", message % {"agency": agency.name})
    now = record_time.now()
    row = _to_change(task, reason, now) if task else AgencyTask(change_reason=reason.strip())
    is_new_to_agency = row.agency_id != agency.pk
    row.indicator, row.agency, row.title = indicator, agency, title.strip()
    row.legal_basis, row.starts_on, row.due_on = legal_basis.strip(), starts_on, due_on
    row.responsible_unit, row.last_reminder = responsible_unit.strip(), Reminder.NONE
    row.believed_from = now
    row.save()
    others = [name.strip() for name in other_units if name.strip()]
    asked = _set_units(row, cooperating_units, others, now)
    notified = tell_responsible(row) if is_new_to_agency else 0
    notified += ask_for_answers(row, asked)
    audit_details(task=row.pk, agency=agency.slug, due_on=due_on.isoformat(), notified=notified)
    return row


def _to_change(task: AgencyTask, reason: str, now: dt.datetime) -> AgencyTask:
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for changing the task."))
    row = _locked(task)
    store_former(row, now)
    row.change_reason = reason.strip()
    return row


def _locked(task: AgencyTask) -> AgencyTask:
    rows = AgencyTask.objects.current().select_for_update(of=("self",)).select_related("agency")
    row: AgencyTask | None = rows.filter(pk=task.pk).first()
    if row is None:
        raise TargetError("task_removed", _("This task has been removed in the meantime."))
    return row


def _set_units(
    task: AgencyTask, agencies: Sequence[Agency], others: Sequence[str], now: dt.datetime
) -> list[Agency]:
    """The agencies that are new among the units; those that stay keep their answer."""
    current = CooperatingUnit.objects.current().filter(task=task)
    staying = Q(agency__in=agencies) | Q(agency=None, other__in=others)
    current.exclude(staying).update(believed_until=now)
    known = {unit.agency_id or unit.other for unit in current}
    asked = [agency for agency in agencies if agency.pk not in known]
    new = [CooperatingUnit(task=task, agency=one, believed_from=now) for one in asked]
    new += [
        CooperatingUnit(task=task, other=name, believed_from=now)
        for name in dict.fromkeys(others)
        if name not in known
    ]
    CooperatingUnit.objects.bulk_create(new)
    return asked


@audited("task_removed")
def remove_task(*, by: Actor, task: AgencyTask, reason: str) -> None:
    """The task is no longer believed from now on; its row stays for replays."""
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for removing the task."))
    row = _locked(task)
    row.believed_until = record_time.now()
    row.save(update_fields=["believed_until"])
    audit_details(
        task=row.pk,
        agency=row.agency.slug,
        title=row.title,
        due_on=row.due_on.isoformat(),
        done_on=row.done_on.isoformat() if row.done_on else None,
        reason=reason.strip(),
    )


# Done -----------------------------------------------------------------------------------


@audited("task_done")
def finish_task(*, by: Actor, task: AgencyTask, done_on: dt.date | None = None) -> AgencyTask:
    """Record that the agency has done it, today or earlier.

    Raises TargetError: ``done_in_future``, ``already_done``, ``task_removed``.
    """
    day = done_on or clock.today()
    if day > clock.today():
        raise TargetInputError("done_in_future", _("A task cannot be completed on a future date."))
    row = _locked(task)
    if row.done_on:
        raise TargetError("already_done", _("This task has already been completed."))
    return _set_done(row, day, by.label)


@audited("task_reopened")
def reopen_task(*, by: Actor, task: AgencyTask) -> AgencyTask:
    """The task is not done after all; its reminders start again. Raises ``not_done``."""
    row = _locked(task)
    if row.done_on is None:
        raise TargetError("not_done", _("This task is not marked as done."))
    row.last_reminder = Reminder.NONE
    return _set_done(row, None, "")


def _set_done(row: AgencyTask, done_on: dt.date | None, done_by: str) -> AgencyTask:
    now = record_time.now()
    store_former(row, now)
    row.done_on, row.done_by, row.believed_from = done_on, done_by, now
    row.change_reason = ""
    row.save()
    audit_details(
        task=row.pk, agency=row.agency.slug, done_on=done_on.isoformat() if done_on else None
    )
    return row


# Progress -------------------------------------------------------------------------------


@audited("task_progress_reported")
def report_progress(
    *,
    by: Actor,
    task: AgencyTask,
    day: dt.date,
    text: str,
    proof: tuple[str, bytes] | None = None,
    is_final: bool = False,
) -> TaskReport:
    """Report how far a task is, or that it is completed; the office decides.

    ``proof`` is a file's name and content. Raises TargetError: ``text_missing``,
    ``day_in_future``, ``already_done``, ``task_removed``, ``evidence_kind``,
    ``evidence_too_large``.
    """
    if not text.strip():
        raise TargetInputError("text_missing", _("Describe the progress."))
    if day > clock.today():
        raise TargetInputError("day_in_future", _("Progress cannot be of a future date."))
    row = _locked(task)
    if row.done_on:
        raise TargetError("already_done", _("This task has already been completed."))
    report = TaskReport(
        task=row,
        day=day,
        text=text.strip(),
        is_final=is_final,
        submitted_at=record_time.now(),
        submitted_by=by.label,
    )
    if proof:
        _attach(report, *proof)
    report.save()
    audit_details(
        task=row.pk, agency=row.agency.slug, final=is_final, proof_sha256=report.proof_sha256
    )
    return report


def _attach(report: TaskReport, name: str, content: bytes) -> None:
    require_evidence(name, len(content))
    digest = hashlib.sha256(content).hexdigest()
    report.proof_sha256 = digest
    # Among stored files a .pdf is a certificate and nothing else.
    stored = f"{report.task_id}-{report.day}-{digest[:8]}{PurePath(name).suffix.lower()}{STORED}"
    report.proof.save(stored, ContentFile(content), save=False)


@audited("task_progress_decided")
def decide_progress(*, by: Actor, report: TaskReport, accept: bool, remark: str = "") -> TaskReport:
    """Accept a report, which completes the task if it is final, or return it with a remark.

    Coordinators of the agency are notified of a return. Raises TargetError: ``remark_missing``,
    ``already_decided``, ``task_removed``.
    """
    if not (accept or remark.strip()):
        raise TargetError("remark_missing", _("State what the agency has to correct."))
    task = _locked(report.task)
    decided = TaskReport.objects.filter(pk=report.pk, state=ValueState.SUBMITTED).update(
        state=ValueState.ACCEPTED if accept else ValueState.RETURNED,
        decided_at=record_time.now(),
        decided_by=by.label,
        decision_note=remark.strip(),
    )
    if not decided:
        raise TargetError("already_decided", _("This report has already been reviewed."))
    report.refresh_from_db()
    notified = 0 if accept else tell_of_return(report, task)
    audit_details(task=task.pk, agency=task.agency.slug, accepted=accept, notified=notified)
    if accept and report.is_final and not task.done_on:
        _set_done(task, report.day, report.submitted_by)
    return report


@audited("task_answered")
def answer_task(
    *, by: Actor, unit: CooperatingUnit, answer: str, reason: str = ""
) -> CooperatingUnit:
    """The answer of a cooperating unit; a later one replaces it.

    Raises TargetError: ``unknown_answer``, ``reason_missing``, ``task_removed``, ``unit_removed``.
    """
    if answer not in UnitAnswer.values:
        raise TargetInputError("unknown_answer", _("Choose one of the answers."))
    if answer == UnitAnswer.REFUSED and not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for refusing."))
    task = _locked(unit.task)
    rows = CooperatingUnit.objects.current().select_related("agency")
    row: CooperatingUnit | None = rows.filter(pk=unit.pk).first()
    if row is None:
        raise TargetError("unit_removed", _("This unit does not cooperate in the task any more."))
    now = record_time.now()
    store_former(row, now)
    row.answer, row.change_reason = answer, reason.strip()
    row.believed_from, row.answered_by = now, by.label
    row.save()
    audit_details(task=task.pk, unit=row.name, answer=answer, reason=row.change_reason)
    return row
