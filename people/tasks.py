from typing import Any

from jobs.services import Progress
from people.job_types import ERASE_PERSON, ErasurePayload
from people.models import Erasure
from people.services.privacy import carry_on


@ERASE_PERSON.work
def erase_person(progress: Progress[ErasurePayload]) -> dict[str, Any]:
    erasure = Erasure.objects.get(pk=progress.payload["erasure"])
    erasure = carry_on(erasure, by=progress.actor)
    return {"apps": erasure.done}
