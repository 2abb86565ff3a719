"""Who is told: people at their address, and the coordinators who act for an agency today."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from accounts.choices import Role
from accounts.mail import Recipient
from accounts.models import User
from agencies.models import Agency, Coordinator
from agencies.querysets import current_successor
from people.models import Trainee
from people.services.transfer_lapses import successors_today


def coordinators_of(agency_ids: Collection[int]) -> dict[int, list[Recipient]]:
    """Today's coordinators by agency: of an ended one its successor's, else those above it."""
    successors = successors_today()
    parents = dict(Agency.objects.exclude(parent=None).values_list("pk", "parent_id"))
    in_office = Coordinator.objects.in_office().select_related("user").order_by("pk")
    by_agency = defaultdict[int, list[Recipient]](list)
    for term in in_office.filter(user__is_active=True):
        by_agency[term.agency_id].append(Recipient(term.user.email, term.user.language))
    found = {}
    for pk in agency_ids:
        acting: int | None = current_successor(pk, successors)
        while acting is not None and not by_agency.get(acting):
            acting = parents.get(acting)
        found[pk] = by_agency.get(acting, []) if acting is not None else []
    return found


def office() -> list[Recipient]:
    users = User.objects.holding(Role.PROGRAMME_OFFICE).filter(is_active=True).distinct()
    return [Recipient(user.email, user.language) for user in users.order_by("pk")]


def recipients_of(people: Iterable[Trainee]) -> list[Recipient]:
    found = []
    for person in people:
        user = person.user
        if user is None:
            found.append(Recipient(person.email, "vi", is_personal=True))
            continue
        address = user.email if user.has_mailbox else person.email or user.email
        found.append(Recipient(address, user.language, user.pk, is_personal=True))
    return found
