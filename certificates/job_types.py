from typing import Final, TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.job_types import JobType


class BatchPayload(TypedDict):
    batch: str
    part: int


ISSUE_CERTIFICATES: Final = JobType[BatchPayload](
    "issue_certificates", module="certificates.tasks", label=_("Certificates")
)
