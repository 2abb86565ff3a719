"""Results of long work that pages show at once, with the instant of which they are."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, overload

from django.db import transaction

from accounts.models import User
from audit.services import Actor
from common import clock, formats
from common.bulk import batches
from jobs.job_types import JobType, Payload
from jobs.models import Job, JobState, StoredResult
from jobs.services import start

Item = TypeVar("Item")
PART = 1_000  # items of a list in one row
STALE_AFTER = dt.timedelta(hours=36)  # a night was missed


def stored_result(kind: str, key: str = "") -> StoredResult | None:
    """The last result, or None where it was never computed nor asked for."""
    rows = StoredResult.objects.filter(kind=kind, key=key, part=0)
    return rows.select_related("job").first()


def compute(
    job_type: JobType[Payload], *, payload: Payload, by: Actor, owner: User | None, key: str = ""
) -> Job:
    """Start the job that computes a result anew, or return the one under way."""
    with transaction.atomic():
        StoredResult.objects.get_or_create(kind=job_type.kind, key=key, part=0)
        rows = StoredResult.objects.select_for_update().filter(kind=job_type.kind, key=key, part=0)
        row = rows.get()
        if row.job is None or row.job.is_over:
            row.job = start(job_type, payload=payload, owner=owner, by=by)
            row.save(update_fields=["job"])
        return row.job


@transaction.atomic
def store(kind: str, content: Any, *, key: str = "", at: dt.datetime | None = None) -> None:
    """Replace the result; the same twice is the same as once."""
    values = {"content": content, "computed_at": at or clock.now()}
    StoredResult.objects.update_or_create(kind=kind, key=key, part=0, defaults=values)


@transaction.atomic
def store_lists(kind: str, lists: Iterable[tuple[str, Iterable[Any]]]) -> None:
    """Replace all lists of a kind, each by its key."""
    StoredResult.objects.filter(kind=kind, part__gt=0).delete()
    for key, items in lists:
        # Any: encrypted JSON is a text field to the type checker.
        content: Any
        for part, content in enumerate(batches(items, PART), start=1):
            StoredResult.objects.create(kind=kind, key=key, part=part, content=content)


class StoredList(Sequence[Item]):
    """A stored list of a known length, of which only the parts that are looked at are read."""

    def __init__(self, kind: str, key: str, length: int, *, make: Callable[[Any], Item]) -> None:
        self._rows = StoredResult.objects.filter(kind=kind, key=key)
        self._length, self._make = length, make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self[index : index + 1][0]
        start, stop, _step = index.indices(self._length)
        first = start // PART
        rows = self._rows.filter(part__gt=first, part__lte=-(-stop // PART)).order_by("part")
        found = [item for row in rows for item in row.content]
        return [self._make(item) for item in found[start - first * PART : stop - first * PART]]


def facts(row: StoredResult | None, *, stale_after: dt.timedelta = STALE_AFTER) -> dict[str, Any]:
    """What ``components/stored_result.html`` shows of a result."""
    job = row.job if row else None
    computed_at = row.computed_at if row else None
    return {
        "computed": formats.exact(computed_at) if computed_at else "",
        "is_stale": computed_at is not None and computed_at < clock.now() - stale_after,
        "job": job if job and not job.is_over else None,
        "error": job.error_message if job and job.state == JobState.FAILED else "",
    }
