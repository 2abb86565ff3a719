from typing import Final, TypedDict

from django.utils.translation import gettext_lazy as _

from jobs.job_types import JobType


class PackagePayload(TypedDict):
    package: str


PACK_RECORDS: Final = JobType[PackagePayload](
    "pack_records", module="retention.tasks", label=_("Archive package")
)
DELETE_RECORDS: Final = JobType[PackagePayload](
    "delete_records", module="retention.tasks", label=_("Deletion of records that were due")
)
