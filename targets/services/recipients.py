"""Who is told what concerns an agency: whoever acts for it today and can be reached by mail."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.choices import Role
from accounts.models import User
from agencies.models import Agency, Coordinator, SuccessionLink
from common import clock


def coordinators_of(agency_ids: Iterable[int]) -> dict[int, list[User]]:
    """The coordinators to tell of each agency; an empty list where none can be reached.

    Its own while it stands; else, step by step, those of the agency above it and of the one
    that it went into, whose coordinators act for it now.
    """
    users = _reachable()
    parents = dict(Agency.objects.exclude(parent=None).values_list("id", "parent_id"))
    links = SuccessionLink.objects.believed(clock.now()).in_force_on(clock.today())
    over = (parents, links.successor_by_agency())
    return {agency: _nearest(agency, users, over) for agency in agency_ids}


def office() -> list[User]:
    """Everybody of the programme office whom mail can reach."""
    users = User.objects.holding(Role.PROGRAMME_OFFICE).filter(is_active=True).distinct()
    return [user for user in users.order_by("pk") if user.has_mailbox]


def _reachable() -> dict[int, list[User]]:
    standing = Agency.objects.valid_on(clock.today())
    terms = Coordinator.objects.in_office().filter(agency__in=standing, user__is_active=True)
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
