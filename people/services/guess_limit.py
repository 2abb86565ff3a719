"""A limit on rows that conflict with data of other agencies' people.

Without it, a list could try numbers and birth dates until one fits.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited_action, digest
from common import clock
from people.errors import PeopleError
from people.models import RefusedMatch

MOST_GUESSES = 20
WITHIN = dt.timedelta(days=1)
# Keys of advisory locks: of an agency that guesses, and of whoever does it.
_AGENCY_LOCK, _ACTOR_LOCK = 699_2025, 699_2026


class GuessLimit:
    """How many wrong rows about other agencies' people a sender has left.

    A list that is checked again meets its own earlier guesses (``source``) again, in its order, so
    that the check and the import after it give the same result.
    """

    def __init__(self, agency: Agency, actor_id: int | None, source: str = "") -> None:
        self.agency, self.actor_id, self.source = agency, actor_id, source
        self._added: set[str] = set()
        self._recorded: set[str] = set()

    @cached_property
    def _on_record(self) -> dict[str, str]:
        """Digest → source of the last day's guesses by this agency or actor."""
        of_sender = Q(agency=self.agency)
        if self.actor_id is not None:
            of_sender |= Q(actor_id=self.actor_id)
        recent = RefusedMatch.objects.filter(of_sender, at__gte=clock.now() - WITHIN)
        return dict(recent.values_list("digest", "source"))

    @cached_property
    def _own(self) -> set[str]:
        return {one for one, source in self._on_record.items() if source and source == self.source}

    @cached_property
    def _met(self) -> set[str]:
        return set(self._on_record) - self._own

    @property
    def is_reached(self) -> bool:
        return len(self._met) >= MOST_GUESSES

    def count(self, one: str) -> bool:
        self._added.add(one)
        if one in self._met:
            return True
        if self.is_reached:
            return False
        self._met.add(one)
        return True

    @property
    def new(self) -> Collection[str]:
        return self._met - set(self._on_record) - self._recorded

    def mark_recorded(self, tries: Collection[str]) -> None:
        self._recorded.update(tries)

    @property
    def left_over(self) -> Collection[str]:
        return self._own - self._added


@contextmanager
def comparing_one_list_at_a_time(limit: GuessLimit | None, *, waits: bool = True) -> Iterator[None]:
    """Compare a sender's rows inside, up to ``record_guesses``.

    Two lists of one sender at once would each be allowed all guesses, so the second one waits.
    SQLite has one writer, who must not wait for a whole list. Raises PeopleError
    ``compared_elsewhere`` instead of waiting where ``waits`` is false.
    """
    if limit is None or connection.vendor != "postgresql":
        yield
        return
    # A lock of the transaction lasts until what was recorded can be read; without a transaction
    # each row is recorded at once.
    in_transaction = connection.in_atomic_block
    keys = ((_AGENCY_LOCK, limit.agency.pk), (_ACTOR_LOCK, limit.actor_id or 0))
    with connection.cursor() as cursor, ExitStack() as stack:
        for key in keys:
            _lock(cursor, key, in_transaction=in_transaction, waits=waits)
            if not in_transaction:
                stack.callback(cursor.execute, "SELECT pg_advisory_unlock(%s, %s)", key)
        yield


def _lock(
    cursor: CursorWrapper, key: tuple[int, int], *, in_transaction: bool, waits: bool
) -> None:
    how = "" if waits else "try_"
    what = "advisory_xact_lock" if in_transaction else "advisory_lock"
    cursor.execute(f"SELECT pg_{how}{what}(%s, %s)", key)
    if not waits and not cursor.fetchone()[0]:
        raise PeopleError(
            "compared_elsewhere",
            _("Another list from this agency is being checked; try again shortly."),
        )


def record_guesses(*, by: Actor, limit: GuessLimit) -> int:
    """Store and audit new guesses; returns how many. Call it before anybody can read the result."""
    now, new = clock.now(), sorted(limit.new)
    if not new:
        return 0
    with audited_action("matches_refused", by=by):
        RefusedMatch.objects.filter(at__lt=now - WITHIN).delete()
        sender = {"agency": limit.agency, "actor_id": limit.actor_id, "source": limit.source}
        rows = [RefusedMatch(**sender, digest=one, at=now) for one in new]
        RefusedMatch.objects.bulk_create(rows, ignore_conflicts=True)
        limit.mark_recorded(new)
        audit_details(agency=limit.agency.slug, rows=len(new), rows_digest=digest("".join(new)))
    return len(new)


def settle_guesses(*, limit: GuessLimit) -> None:
    if limit.left_over:
        corrected = RefusedMatch.objects.filter(agency=limit.agency, digest__in=limit.left_over)
        corrected.update(source="")
