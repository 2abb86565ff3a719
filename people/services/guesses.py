"""Rows that do not agree with what is on record of other agencies' people are counted.

Otherwise a list could ask for numbers and birth dates until one fits.
"""

import datetime as dt
from collections.abc import Collection

from django.db.models import Q

from agencies.models import Agency
from audit.services import Actor, deed, digest, note
from common import clock
from people.models import RefusedMatch

MOST_GUESSES = 20
WITHIN = dt.timedelta(days=1)


class GuessLimit:
    """How many rows about other agencies' people a sender may still get wrong.

    The tries of the list itself (``source``) are met again each time it is checked, in its order,
    so that a check and the import after it say the same.
    """

    def __init__(self, agency: Agency, actor_id: int | None, source: str = "") -> None:
        self.agency, self.actor_id, self.source = agency, actor_id, source
        of_sender = Q(agency=agency)
        if actor_id is not None:
            of_sender |= Q(actor_id=actor_id)
        recent = RefusedMatch.objects.filter(of_sender, at__gte=clock.now() - WITHIN)
        tries = list(recent.values_list("digest", "source"))
        own = {one for one, said in tries if source and said == source}
        self._known = {one for one, _said in tries}
        self._met = {one for one, _said in tries} - own
        self._left_over = own

    @property
    def is_reached(self) -> bool:
        """Whether no further row about somebody else's person is looked at."""
        return len(self._met) >= MOST_GUESSES

    def count(self, one: str) -> bool:
        """Count a row that does not agree; whether it was still looked at."""
        self._left_over = self._left_over - {one}
        if one in self._met:
            return True
        if self.is_reached:
            return False
        self._met.add(one)
        return True

    @property
    def new(self) -> Collection[str]:
        """Tries that are not on record yet."""
        return self._met - self._known

    @property
    def left_over(self) -> Collection[str]:
        """Tries of the list that it no longer says: they count as any other."""
        return self._left_over


def record_guesses(*, by: Actor, limit: GuessLimit) -> int:
    """Keep what a list got wrong and put it on record; how many tries are new."""
    if limit.left_over:
        mended = RefusedMatch.objects.filter(agency=limit.agency, digest__in=limit.left_over)
        mended.update(source="")
    return _record(by=by, limit=limit) if limit.new else 0


@deed("matches_refused")
def _record(*, by: Actor, limit: GuessLimit) -> int:
    now, new = clock.now(), sorted(limit.new)
    RefusedMatch.objects.filter(at__lt=now - WITHIN).delete()
    rows = [
        RefusedMatch(
            agency=limit.agency, actor_id=limit.actor_id, digest=one, source=limit.source, at=now
        )
        for one in new
    ]
    RefusedMatch.objects.bulk_create(rows, ignore_conflicts=True)
    note(agency=limit.agency.slug, rows=len(new), rows_digest=digest("".join(new)))
    return len(new)
