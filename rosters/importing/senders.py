"""In whose name a roster is sent: which people it may change.

Asked each time that a roster is planned, of whoever plans it: rights change between check and
import, and another coordinator may confirm what the first one checked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor
from people.services.guess_limit import (
    GuessLimit,
    comparing_one_list_at_a_time,
    record_guesses,
    settle_guesses,
)
from rosters.errors import RosterError


@dataclass(frozen=True, slots=True)
class Sender:
    """``own`` are the agencies whose people it may change, None for everybody's.

    With ``reads_all`` the findings are shown to the programme office alone, and may tell of other
    agencies' people.
    """

    agency: Agency
    own: frozenset[int] | None
    reads_all: bool = False
    limit: GuessLimit | None = None

    @contextmanager
    def comparing(self, by: Actor, *, waits: bool = True) -> Iterator[Callable[[], int]]:
        """Compare a list with the known people; a sender compares one list at a time.

        Yields a function that records which rows did not agree so far, and returns how many
        are new. It is called at the end, and must be before anybody can read a part. Raises
        PeopleError ``compared_elsewhere`` where it does not wait.
        """

        def record() -> int:
            return record_guesses(by=by, limit=self.limit) if self.limit else 0

        with comparing_one_list_at_a_time(self.limit, waits=waits):
            yield record
            record()
            if self.limit:
                settle_guesses(limit=self.limit)


def office(agency: Agency, *, moves: bool = False) -> Sender:
    own = None if moves else Agency.objects.agencies_of_sender(agency.pk)
    return Sender(agency, own, reads_all=True)


def sender_of(by: Actor, agency: Agency, *, moves: bool = False, source: str = "") -> Sender:
    """The sender of a roster on the page; ``moves`` is for the programme office alone.

    Raises RosterError ``no_longer_yours``.
    """
    if by.id is None:
        return office(agency, moves=moves)
    user = User.objects.filter(pk=by.id, is_active=True).first()
    if user is None or not Agency.objects.manageable_by(user).filter(pk=agency.pk).exists():
        raise RosterError(
            "no_longer_yours", _("You no longer act for this agency; nothing was imported.")
        )
    if user.has_role("programme_office"):
        # Coordinators of the agency see the findings, too: the office gets no others.
        own = Agency.objects.agencies_of_sender(agency.pk, user)
        return Sender(agency, None if moves else own, reads_all=moves)
    own = Agency.objects.agencies_of_sender(agency.pk, user)
    return Sender(agency, own, limit=GuessLimit(agency, by.id, source))
