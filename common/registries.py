"""Callables that higher apps register for lower ones.

A low app (jobs, accounts) must sometimes reach all others: for timed tasks, or a person's export
and erasure. It may not import upward, so each app registers callables here in its
``AppConfig.ready``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.module_loading import import_string

T = TypeVar("T")


@dataclass(frozen=True)
class Deferred:
    """A callable by its dotted path, imported when first called.

    Apps are ready before any command runs: a command must not pay for importing services and
    libraries that it does not call.
    """

    path: str

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.load()(*args, **named)

    def load(self) -> Any:
        return import_string(self.path)


class Registry(Generic[T]):
    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[str, T] = {}

    def register(self, name: str, entry: T) -> None:
        if self._entries.get(name, entry) is not entry:
            raise ValueError(f"two entries named {name!r} in the registry of {self._what}")
        self._entries[name] = entry

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(self._entries.items())

    def __contains__(self, name: str) -> bool:
        return name in self._entries


@dataclass(frozen=True)
class TimedTask:
    """``run`` must be safe to run twice, and by several workers at once.

    ``needs_outside``: it waits for a service that is not ours (mail, time stamps), so its being
    late says nothing about this site.
    """

    run: Callable[[], object]
    seconds: int
    needs_outside: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """What a key in the audit log stands for, and where it is shown."""

    text: str
    href: str = ""


# What the keys in the audit log stand for, by kind: takes the reader and the keys, returns the
# names of those that the reader may see.
log_names: Registry[Callable[[Any, Collection[Any]], Mapping[Any, Name]]] = Registry(
    "names in the audit log"
)
# By which numbers the single sign-on may name an account: takes what the provider's claim says,
# returns the account's id or None (OIDC_IDENTIFIES_BY).
account_lookups: Registry[Callable[[str], int | None]] = Registry("ways to name an account")
# Filters of people that only a higher app can apply: takes them and a value, returns those who fit.
people_filters: Registry[Callable[[Any, str], Any]] = Registry("filters of people")
# Columns of lists of people that only a higher app can fill: takes the reader (None sees all) and
# the keys of columns; returns a callable that takes ids of people and returns, for each id, the
# cells of these columns in this order.
training_columns: Registry[
    Callable[[Any, Sequence[str]], Callable[[Sequence[int]], Mapping[int, Sequence[Any]]]]
] = Registry("columns of lists of people")
# Whose the papers of a class are: takes the class, returns an ``enrollment.pdf.PaperHead``.
paper_heads: Registry[Callable[[Any], Any]] = Registry("heads of papers")
# What only a higher app shows on an agency's page: takes the user and the agency, returns a
# template with its ``section``, or None.
agency_sections: Registry[Callable[[Any, Any], tuple[str, dict[str, Any]] | None]] = Registry(
    "sections of an agency's page"
)
# What only a higher app shows on a course's page: as for agencies; the user may be nobody.
course_sections: Registry[Callable[[Any, Any], tuple[str, dict[str, Any]] | None]] = Registry(
    "sections of a course's page"
)
# What a copy of a class takes along from a higher app: takes the class and its copy.
run_copies: Registry[Callable[[Any, Any], object]] = Registry("what goes along with a copied class")
# What is to be done about a class once it is closed, for a user: (text, label, address), or None.
steps_after_closing: Registry[Callable[[Any, Any], tuple[str, str, str] | None]] = Registry(
    "steps after the closing of a class"
)
# Which agencies a form offers, under the name of a scope: takes the user, returns a queryset.
agency_scopes: Registry[Callable[[Any], Any]] = Registry("scopes of agencies")
# Who is told of a job that is done or has failed: takes the job, in the transaction that ends it.
job_listeners: Registry[Callable[[Any], object]] = Registry("listeners to jobs")
timed_tasks: Registry[TimedTask] = Registry("timed tasks")
# What only a higher app knows about an account, named after the change that alters it and the app
# (``agency:people``, see ``accounts.invalidation``): takes the user's key, returns JSON values.
account_facts: Registry[Callable[[int], Any]] = Registry("facts about an account")
# Where apps keep signed heads of the audit log, to compare it with: each gives pairs of where
# (a few words) and the head as plain data.
audit_head_stores: Registry[Callable[[], Iterable[tuple[str, dict[str, Any]]]]] = Registry(
    "stores of audit heads"
)
