"""Signing a period as long work: asked for once, done once however often a worker is killed."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from certificates.models import Signer
from common.errors import DomainError
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS, Count
from jobs.models import Job, JobState
from jobs.services import Progress, start
from targets.errors import TargetError
from targets.job_types import SIGN_OFF, SIGN_REPORT_FILE, ReportFilePayload, SignOffPayload
from targets.models import PeriodReport, ReportDocument
from targets.progress.checklist import checklist
from targets.progress.opening import opening_of
from targets.services.report_files import has_signing_key, require_signable, sign_file
from targets.services.reports import (
    figure_of_period,
    letter_of,
    require_agreed,
    require_letter,
    sign_off,
)


@transaction.atomic
def request_sign_off(*, owner: User, payload: SignOffPayload, acknowledged: bool) -> Job:
    """The job that signs a period, or the one under way for the very same.

    Refuses at once what it would refuse: raises TargetError as ``sign_off`` does, and
    ``open_points`` where the checklist has some that were not acknowledged.
    """
    Indicator.objects.select_for_update().get(slug=TRAINED_OFFICIALS)  # one request at a time
    under_way = Job.objects.filter(kind=SIGN_OFF.kind, payload=payload)
    for job in under_way.filter(state__in=(JobState.QUEUED, JobState.RUNNING)):
        return job
    asked = _asked(payload)
    count = figure_of_period(asked["starts_on"], asked["ends_on"])
    require_agreed(count, asked["agreed_persons"])
    require_letter(asked["letter"], asked["ends_on"])
    if not acknowledged and (labels := _open_points(count, asked["starts_on"])):
        message = _("Look at the open points and acknowledge them before signing: %(points)s.")
        raise TargetError("open_points", message % {"points": ", ".join(labels)})
    return start(SIGN_OFF, payload=payload, owner=owner, by=owner.as_actor())


def sign_off_in_job(progress: Progress[SignOffPayload]) -> tuple[PeriodReport, str]:
    """The report, and a warning where its PDF could not be signed too."""
    report = PeriodReport.objects.filter(signed_in_job=progress.job_id).first()
    if report is None:
        asked = _asked(progress.payload)
        with progress.outside_transaction():
            report = sign_off(
                by=progress.actor, in_job=progress.job_id, advance=progress.advance, **asked
            )
    if not progress.payload["signed_here"] or not has_signing_key():
        return report, ""
    try:
        if not ReportDocument.objects.filter(report=report).exists():
            sign_file(by=progress.actor, report=report)
    except DomainError as error:
        return report, error.message
    return report, ""


@transaction.atomic
def request_signature(*, owner: User, report: PeriodReport) -> Job:
    """The job that signs the PDF, which may have to wait for the time-stamping authority.

    Refuses at once what ``sign_file`` would refuse; a second request meanwhile starts none.
    """
    PeriodReport.objects.select_for_update().without_names().get(pk=report.pk)
    require_signable(report)
    payload = ReportFilePayload(report=report.pk)
    under_way = Job.objects.filter(kind=SIGN_REPORT_FILE.kind, payload=payload)
    for job in under_way.filter(state__in=(JobState.QUEUED, JobState.RUNNING)):
        return job
    return start(SIGN_REPORT_FILE, payload=payload, owner=owner, by=owner.as_actor())


def sign_file_in_job(progress: Progress[ReportFilePayload]) -> PeriodReport:
    report = PeriodReport.objects.get(pk=progress.payload["report"])
    if not ReportDocument.objects.filter(report=report).exists():
        sign_file(by=progress.actor, report=report)
    return report


def _open_points(count: Count, starts_on: dt.date) -> list[str]:
    return [point.label for point in checklist(opening_of(count, starts_on)) if point.count]


def _asked(payload: SignOffPayload) -> dict[str, Any]:
    letter = letter_of(
        Signer.objects.get(pk=payload["signer"]),
        number=payload["number"],
        dated=dt.date.fromisoformat(payload["dated"]),
        recipients=payload["recipients"],
    )
    days = {name: dt.date.fromisoformat(payload[name]) for name in ("starts_on", "ends_on")}
    return {"letter": letter, "agreed_persons": payload["agreed_persons"], **days}
