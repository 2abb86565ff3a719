"""Long work on people, carried by jobs."""

from typing import Any

from jobs.services import Progress
from people.models import Erasure
from people.services.privacy import carry_on


def erase_person(progress: Progress) -> dict[str, Any]:
    """Carry an erasure through the rooms; a second run goes on where the first was stopped."""
    erasure = Erasure.objects.get(pk=progress.payload["erasure"])
    erasure = carry_on(erasure, by=progress.actor)
    return {"rooms": erasure.done}
