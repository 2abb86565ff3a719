from typing import Final, TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.job_types import JobType


class ReconciliationPayload(TypedDict):
    """``notify``: whether to write to the office about what nothing explains."""

    notify: bool


class SignOffPayload(TypedDict):
    """Days are ISO; ``signer`` is an id."""

    starts_on: str
    ends_on: str
    number: str
    signer: int
    dated: str
    recipients: str
    agreed_persons: int | None
    signed_here: bool


class ReportFilePayload(TypedDict):
    """``report`` is an id."""

    report: int


class PagePayload(TypedDict):
    """``key`` says which of those pages, see ``targets.services.stored_pages``."""

    page: str
    key: str


RECONCILE: Final = JobType[ReconciliationPayload](
    "reconcile", module="targets.tasks", label=_("Reconciliation from enrollment to target")
)
SIGN_OFF: Final = JobType[SignOffPayload](
    "sign_off", module="targets.tasks", label=_("Signing of a period report")
)
SIGN_REPORT_FILE: Final = JobType[ReportFilePayload](
    "sign_report_file", module="targets.tasks", label=_("Digital signature of a period report")
)
COMPUTE_PAGE: Final = JobType[PagePayload](
    "compute_page", module="targets.tasks", label=_("Figures of a long list")
)
