from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from jobs.services import Progress
from targets.job_types import (
    COMPUTE_PAGE,
    RECONCILE,
    SIGN_OFF,
    SIGN_REPORT_FILE,
    PagePayload,
    ReconciliationPayload,
    ReportFilePayload,
    SignOffPayload,
)
from targets.services.nightly_reconciliation import reconcile_and_notify, reconcile_and_store
from targets.services.sign_off_job import sign_file_in_job, sign_off_in_job
from targets.services.stored_pages import compute_page, compute_pages


@RECONCILE.work
def reconcile(progress: Progress[ReconciliationPayload]) -> dict[str, Any]:
    work = reconcile_and_notify if progress.payload["notify"] else reconcile_and_store
    work(by=progress.actor, advance=progress.advance)
    compute_pages(advance=progress.advance)
    return {"page": reverse("reconcile")}


@SIGN_OFF.work
def sign_off(progress: Progress[SignOffPayload]) -> dict[str, Any]:
    report, warning = sign_off_in_job(progress)
    return {"page": reverse("report", args=[report.code]), "warning": warning}


@SIGN_REPORT_FILE.work
def sign_report_file(progress: Progress[ReportFilePayload]) -> dict[str, Any]:
    return {"page": reverse("report", args=[sign_file_in_job(progress).code])}


@COMPUTE_PAGE.work
def compute(progress: Progress[PagePayload]) -> dict[str, Any]:
    page, key = progress.payload["page"], progress.payload["key"]
    compute_page(page, key, advance=progress.advance)
    if page == "report":
        return {"page": reverse("report", args=[key])}
    as_of, _between, known = key.partition("|")
    asked = {name: value for name, value in (("as_of", as_of), ("known_as_of", known)) if value}
    return {"page": f"{reverse('quality')}?{urlencode(asked)}" if asked else reverse("quality")}
