from typing import Final, TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.job_types import JobType


class BatchPayload(TypedDict):
    batch: str
    part: int


class BundlePayload(TypedDict):
    bundle: str


class CertificatePayload(TypedDict):
    certificate: int


class DuplicatePayload(TypedDict):
    duplicate: int


class MergePayload(TypedDict):
    batch: str


class RunPayload(TypedDict):
    run: int


class DesignPayload(TypedDict):
    design: int


ISSUE_CERTIFICATES: Final = JobType[BatchPayload](
    "issue_certificates", module="certificates.tasks", label=_("Certificates")
)
MERGE_CERTIFICATES: Final = JobType[MergePayload](
    "merge_certificates", module="certificates.tasks", label=_("Certificates in one file")
)
BUNDLE_CERTIFICATES: Final = JobType[BundlePayload](
    "bundle_certificates",
    module="certificates.tasks",
    label=_("Certificates in one file"),
    mails_result=True,
)
WRITE_CERTIFICATE: Final = JobType[CertificatePayload](
    "write_certificate", module="certificates.tasks", label=_("Certificates")
)
WRITE_DUPLICATE: Final = JobType[DuplicatePayload](
    "write_duplicate", module="certificates.tasks", label=_("Duplicates after loss")
)
COMPILE_DESIGN: Final = JobType[DesignPayload](
    "compile_design", module="certificates.tasks", label=_("Designs")
)
WRITE_CONFIRMATIONS: Final = JobType[RunPayload](
    "write_attendance_confirmations",
    module="certificates.tasks",
    label=_("Confirmations of attendance"),
)
