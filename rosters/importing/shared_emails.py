"""E-mail addresses that several people would share: what is sent there reaches one of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from agencies.models import Agency
from common.bulk import in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from people.models import Trainee
from rosters.importing.row_plan import RowPlan


class SharedEmails:
    """Warns of an address in an earlier row, or of another known person of the agency."""

    def __init__(self, agency: Agency) -> None:
        self._people = Trainee.objects.unmerged().filter(agency=agency)
        self._first_row: dict[str, int] = {}

    def warn(self, plans: Sequence[RowPlan]) -> None:
        with_email = [(plan, email) for plan in plans if (email := plan.row.values.email)]
        owners = self._owners({email for _plan, email in with_email})
        for plan, email in with_email:
            if reason := self._reason(plan, email, owners.get(email, set())):
                plan.warn("email", "email_shared", reason)

    def _owners(self, emails: set[str]) -> Mapping[str, set[int]]:
        owners: dict[str, set[int]] = defaultdict(set)
        if emails:
            known = self._people.filter(email__in=in_list(emails)).order_by()
            for email, person_id in known.values_list("email", "id"):
                owners[email].add(person_id)
        return owners

    def _reason(self, plan: RowPlan, email: str, owners: set[int]) -> DeferredMessage | None:
        first = self._first_row.setdefault(email, plan.row.number)
        if first != plan.row.number:
            return _(
                "The same e-mail address is in row %(first)s, for another person; each "
                "person needs their own address."
            ) % {"first": first}
        if owners.difference((plan.person_id, plan.trainee.id if plan.trainee else None)):
            return _(
                "This e-mail address is already used by another person of the agency; "
                "each person needs their own address."
            )
        return None
