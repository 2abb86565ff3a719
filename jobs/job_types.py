"""Kinds of long work, declared in ``<app>/job_types.py`` and done in ``<app>/tasks.py``.

A declaration is what whoever starts a job and the function that does its work both refer to: the
references of ``CHECK_ROSTER`` in an editor are the way from one to the other.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from django.utils.functional import Promise

from common.registries import Registry

if TYPE_CHECKING:
    from jobs.services import Progress

# JSON that is stored unencrypted: ids, never personal values.
Payload = TypeVar("Payload", bound=Mapping[str, Any])
# The result is JSON, of which the job's page knows ``page`` (an address), ``until`` (when a file
# there expires, ISO) and ``owner_only`` (nobody else can open it).
Work: TypeAlias = "Callable[[Progress[Payload]], dict[str, Any]]"


class JobType(Generic[Payload]):
    """``module`` holds the function that does the work; only a worker imports it.

    ``mails_result``: the work itself sends its owner a message once it is done.
    """

    def __init__(
        self, kind: str, *, module: str, label: str | Promise = "", mails_result: bool = False
    ) -> None:
        self.kind, self.label, self.mails_result = kind, label, mails_result
        self._module = module
        self._work: Work[Payload] | None = None

    def work(self, function: "Work[Payload]") -> "Work[Payload]":
        """Mark the function that does this work. It must be safe to run twice."""
        self._work = function
        return function

    def perform(self, progress: "Progress[Payload]") -> dict[str, Any]:
        if self._work is None:
            import_module(self._module)
        if self._work is None:
            raise NotImplementedError(f"{self._module} does no work of the kind {self.kind!r}")
        return self._work(progress)


job_types: Registry[JobType[Any]] = Registry("kinds of jobs")


def register(*types: JobType[Any]) -> None:
    for job_type in types:
        job_types.register(job_type.kind, job_type)
