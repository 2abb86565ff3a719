from typing import Any

from django.urls import reverse

from certificates.job_types import ISSUE_CERTIFICATES, BatchPayload
from certificates.services import batches
from jobs.services import Progress


@ISSUE_CERTIFICATES.work
def issue_certificates(progress: Progress[BatchPayload]) -> dict[str, Any]:
    answer = batches.run_part(progress)
    return answer | {"page": reverse("certificate_batch", args=[answer["batch"]])}
