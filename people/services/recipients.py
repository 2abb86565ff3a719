"""Who is told: people at their address, and the coordinators who act for an agency today."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Role
from accounts.mail import Recipient
from accounts.models import User, is_mailbox
from agencies.models import Agency, Coordinator
from agencies.querysets import current_successor
from common import formats
from people.models import Trainee
from people.services.transfer_lapses import successors_today


@dataclass(frozen=True, slots=True)
class Reach:
    """Who hears of something; ``letters`` go to those of the people without an address."""

    people: int = 0
    letters: int = 0
    coordinators: int = 0

    def __str__(self) -> str:
        people, letters, coordinators = self.people, self.letters, self.coordinators
        parts = [
            (people, ngettext(
                "%(count)s person will be notified", "%(count)s people will be notified", people
            )),
            (letters, ngettext(
                "%(count)s letter to be printed for someone without an e-mail address",
                "%(count)s letters to be printed for people without an e-mail address",
                letters,
            )),
            (coordinators, ngettext(
                "a summary to %(count)s coordinator",
                "a summary to %(count)s coordinators",
                coordinators,
            )),
        ]  # fmt: skip
        sentences = [text % {"count": formats.number(count)} for count, text in parts if count]
        return f"{'; '.join(sentences)}." if sentences else _("Nobody will be notified.")

    @property
    def question(self) -> str:
        return _("%(recipients)s Confirm this number.") % {"recipients": self}


def reach_of(people: Iterable[Trainee], agency_ids: Collection[int] = ()) -> Reach:
    """Of a change that people are told of, and the coordinators of who sent them."""
    mailed = [is_mailbox(recipient.address) for recipient in recipients_of(people)]
    found = coordinators_of(agency_ids).values() if agency_ids else ()
    coordinators = {recipient.address for some in found for recipient in some}
    return Reach(len(mailed), mailed.count(False), len(coordinators))


def coordinators_of(agency_ids: Collection[int]) -> dict[int, list[Recipient]]:
    """Today's coordinators by agency: of an ended one its successor's, else those above it."""
    successors = successors_today()
    parents = dict(Agency.objects.exclude(parent=None).values_list("pk", "parent_id"))
    by_agency = defaultdict[int, list[Recipient]](list)
    for term in Coordinator.objects.acting().select_related("user").order_by("pk"):
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
