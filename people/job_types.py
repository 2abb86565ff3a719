from typing import Final, TypedDict

from jobs.job_types import JobType


class ErasurePayload(TypedDict):
    erasure: int


ERASE_PERSON: Final = JobType[ErasurePayload]("erase_person", module="people.tasks")
