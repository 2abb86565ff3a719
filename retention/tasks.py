from typing import Any

from django.urls import reverse

from jobs.services import Progress
from retention.job_types import DELETE_RECORDS, PACK_RECORDS, PackagePayload
from retention.services.deletion import delete_in_job
from retention.services.packages import pack_in_job


@PACK_RECORDS.work
def pack(progress: Progress[PackagePayload]) -> dict[str, Any]:
    return {"page": reverse("archive_package", args=[pack_in_job(progress).pk])}


@DELETE_RECORDS.work
def delete(progress: Progress[PackagePayload]) -> dict[str, Any]:
    return {"page": reverse("archive_package", args=[delete_in_job(progress).pk])}
