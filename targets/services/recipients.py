"""Whom mail about an agency goes to: whoever acts for it today and has a mailbox."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.choices import Role
from accounts.models import User
from agencies.models import Agency, Coordinator, SuccessionLink
from common import clock


def coordinators_of(agency_ids: Iterable[int]) -> dict[int, list[User]]:
    """Agency id → its coordinators with a mailbox; empty where there are none.

    Coordinators of the agency itself while it exists; else, step by step, those of its parent and
    of its successor.
    """
    users = _reachable()
    parents = dict(Agency.objects.exclude(parent=None).values_list("id", "parent_id"))
    links = SuccessionLink.objects.believed(clock.now()).in_force_on(clock.today())
    over = (parents, links.successor_by_agency())
    return {agency: _nearest(agency, users, over) for agency in agency_ids}


def office() -> list[User]:
    users = User.objects.holding(Role.PROGRAMME_OFFICE).filter(is_active=True).distinct()
    return [user for user in users.order_by("pk") if user.has_mailbox]


def _reachable() -> dict[int, list[User]]:
    valid = Agency.objects.valid_on(clock.today())
    terms = Coordinator.objects.acting().filter(agency__in=valid)
    users: dict[int, list[User]] = defaultdict(list)
    for term in terms.select_related("user").order_by("pk"):
        if term.user.has_mailbox:
            users[term.agency_id].append(term.user)
    return users


def _nearest(
    agency_id: int, users: dict[int, list[User]], over: Iterable[dict[int, int]]
) -> list[User]:
    level, seen = {agency_id}, set[int]()
    while level:
        if found := {user.pk: user for agency in level for user in users.get(agency, ())}:
            return list(found.values())
        seen |= level
        level = {links[agency] for links in over for agency in level if agency in links} - seen
    return []
