"""For whom a roster speaks: whose people are its own, and what it may do with the others.

Asked each time a roster is planned, of whoever plans it then: rights change between a check and
the import, and another coordinator may confirm what the first one checked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor
from people.services import GuessLimit, comparing_one_list_at_a_time, record_guesses, settle_guesses
from rosters.errors import RosterError


@dataclass(frozen=True, slots=True)
class Sender:
    """``own`` are ids of agencies, nothing where everybody may be moved at once.

    ``reads_all`` says that the findings are for the programme office alone.
    """

    agency: Agency
    own: frozenset[int] | None
    reads_all: bool = False
    limit: GuessLimit | None = None

    @contextmanager
    def comparing(self, by: Actor, *, waits: bool = True) -> Iterator[Callable[[], int]]:
        """Within this a list is compared with what is on record; one list of a sender at a time.

        Gives a function that puts on record which rows did not agree so far, and says how many did
        so for the first time. It is called at the end, and before anybody can read a part.

        Raises PeopleError ``compared_elsewhere`` where it does not wait.
        """

        def record() -> int:
            return record_guesses(by=by, limit=self.limit) if self.limit else 0

        with comparing_one_list_at_a_time(self.limit, waits=waits):
            yield record
            record()
            if self.limit:
                settle_guesses(limit=self.limit)


def office(agency: Agency, *, moves: bool = False) -> Sender:
    """The programme office at the command line, for an agency."""
    own = None if moves else Agency.objects.agencies_of_sender(agency.pk)
    return Sender(agency, own, reads_all=True)


def sender_of(by: Actor, agency: Agency, *, moves: bool = False, source: str = "") -> Sender:
    """Who sends a roster on the page; ``moves`` is what the office alone may ask for.

    Raises RosterError ``no_longer_yours``.
    """
    if by.id is None:
        return office(agency, moves=moves)
    user = User.objects.filter(pk=by.id, is_active=True).first()
    if user is None or not Agency.objects.manageable_by(user).filter(pk=agency.pk).exists():
        raise RosterError(
            "no_longer_yours", _("You no longer act for this agency; nothing was entered.")
        )
    if user.has_role("programme_office"):
        # Coordinators of the agency look at what was found, too: the office is told no more.
        own = Agency.objects.agencies_of_sender(agency.pk, user)
        return Sender(agency, None if moves else own, reads_all=moves)
    own = Agency.objects.agencies_of_sender(agency.pk, user)
    return Sender(agency, own, limit=GuessLimit(agency, by.id, source))
