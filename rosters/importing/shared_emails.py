"""E-mail addresses that several people would share: what is sent there reaches one of them."""

from collections import defaultdict
from collections.abc import Collection

from agencies.models import Agency
from common.bulk import in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from people.models import Trainee


class SharedAddresses:
    """Tells of addresses in an earlier row, or on record of the sender's own people.

    Part by part: of each address only its first row is remembered.
    """

    def __init__(self, agency: Agency) -> None:
        self._people = Trainee.objects.unmerged().filter(agency=agency)
        self._first_row: dict[str, int] = {}
        self._bearers: dict[str, set[int]] = {}

    def look_up(self, addresses: Collection[str]) -> None:
        """Find out who bears the addresses of the next rows."""
        self._bearers = defaultdict(set)
        if addresses:
            known = self._people.filter(email__in=in_list(addresses)).order_by()
            for address, person_id in known.values_list("email", "id"):
                self._bearers[address].add(person_id)

    def doubt(self, address: str, row: int, ids: Collection[int | None]) -> DeferredMessage | None:
        """What is to be said of an address; ``ids`` are those of whoever stands in the row."""
        first = self._first_row.setdefault(address, row)
        if first != row:
            return _(
                "The same e-mail address stands in row %(first)s, for somebody else; give each "
                "person an address of their own."
            ) % {"first": first}
        if self._bearers.get(address, set()).difference(ids):
            return _(
                "This e-mail address is on record for somebody else of the agency; give each "
                "person an address of their own."
            )
        return None
