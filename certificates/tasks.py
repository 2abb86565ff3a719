"""The work behind certificates' jobs; registered when the app is ready."""

from typing import Any

from django.urls import reverse

from certificates.services import batches
from jobs.services import Progress


def issue_certificates(progress: Progress) -> dict[str, Any]:
    """One part of a batch."""
    answer = batches.run_part(progress)
    return answer | {"page": reverse("certificate_batch", args=[answer["batch"]])}


def revive_batches() -> int:
    """Batches whose workers died go on."""
    return batches.revive_batches()
