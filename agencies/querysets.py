"""Questions about agencies over time: who is valid when, who follows whom."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from common import clock
from common.vietnamese import search_key

if TYPE_CHECKING:
    from agencies.models import Agency, Coordinator, Succession, SuccessionLink


class Sight(NamedTuple):
    """The ids of the agencies whose people a coordinator sees, and for which they may act."""

    seen: frozenset[int]
    kept: frozenset[int]


class AgencyQuerySet(models.QuerySet["Agency"]):
    def valid_on(self, day: dt.date) -> Self:
        """Agencies that exist on a day: what lists and pickers offer."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )

    def acted_for_by(self, user: Any) -> Self:
        """The agencies a coordinator sees today: own, departments, merged predecessors."""
        sight = self.sight_of(user)
        return self.filter(id__in=sight.seen) if sight.seen else self.none()

    def manageable_by(self, user: Any) -> Self:
        """The agencies for whose people a user may act, and not only look on.

        What has ended is kept through the agency that it became: its own coordinators keep sight
        of what they had, whatever else they coordinate.
        """
        if user.has_role("programme_office"):
            return self
        if not user.has_role("coordinator"):
            return self.none()
        sight = self.sight_of(user)
        return self.filter(id__in=sight.kept) if sight.kept else self.none()

    def sight_of(self, user: Any) -> "Sight":
        """What a coordinator sees and acts for today.

        Asked once of each user object, as its roles are: a page asks of every list on it.
        """
        if not hasattr(user, "agency_sight"):
            user.agency_sight = self.model._default_manager.all()._read_sight(user)
        sight: Sight = user.agency_sight
        return sight

    def _read_sight(self, user: Any) -> "Sight":
        today = clock.today()
        # One filter for both ends of the term: it is the same row that must cover today.
        own = self.filter(
            Q(coordinators__since=None) | Q(coordinators__since__lte=today),
            Q(coordinators__until=None) | Q(coordinators__until__gte=today),
            coordinators__user=user,
        )
        if not (terms := dict(own.values_list("id", "valid_to"))):
            return Sight(frozenset(), frozenset())
        parents = dict(self.exclude(parent=None).values_list("id", "parent_id"))
        successors = self._successors(today)
        seen = with_heritage(set(terms), parents, successors)
        not_voided = {pk for pk, last in terms.items() if last is None or last >= today}
        kept = with_heritage(not_voided, parents, successors)
        gone = {pk for pk in kept if successors.get(pk, pk) not in kept}
        return Sight(frozenset(seen), frozenset(kept - gone))

    def _successors(self, day: dt.date) -> dict[int, int]:
        """Mergers and renamings in force on a day, as believed now."""
        return dict(
            self.filter(
                links_to_successors__succession__kind__in=("merger", "renaming"),
                links_to_successors__succession__on__lte=day,
                links_to_successors__succession__recorded_at__lte=clock.now(),
                links_to_successors__succession__voided_at=None,
            ).values_list("id", "links_to_successors__successor_id")
        )

    def of_one_house_with(self, agency_id: int) -> Self:
        """What an agency has become, with its departments and whatever was merged into it."""
        successors = self._successors(clock.today())
        parents = dict(self.exclude(parent=None).values_list("id", "parent_id"))
        head = {carried(agency_id, successors)}
        return self.filter(id__in=with_heritage(head, parents, successors))

    def own_of_sender(self, agency_id: int, user: Any = None) -> frozenset[int]:
        """The agencies whose people a list is about, when a user sends it for an agency.

        A coordinator's are those that they act for today. The office, and a command, speak for
        the sending agency alone: whom it may move it moves knowingly.
        """
        if user is not None and not user.has_role("programme_office"):
            return self.sight_of(user).kept if user.has_role("coordinator") else frozenset()
        house = self.of_one_house_with(agency_id).values_list("id", flat=True)
        return frozenset({agency_id, *house})

    def matching(self, text: str) -> Self:
        """Agencies whose name or short name holds the text, whatever its accents."""
        return self.filter(search_key__contains=search_key(text))

    def in_words(self) -> Iterator[tuple[int, str, str]]:
        """Id, slug and name in the reader's language, by name: what long tables need of each."""
        english = get_language() == "en"
        rows = self.order_by("sort_key", "id").values_list("id", "slug", "name_vi", "name_en")
        for id_, slug, name_vi, name_en in rows:
            yield id_, slug, name_en if english and name_en else name_vi


class SuccessionQuerySet(models.QuerySet["Succession"]):
    def not_voided(self) -> Self:
        """Not voided as we believe now."""
        return self.filter(voided_at=None)


class SuccessionLinkQuerySet(models.QuerySet["SuccessionLink"]):
    def believed(self, known_as_of: dt.datetime) -> Self:
        """Links recorded by an instant and not voided by then."""
        return self.filter(succession__recorded_at__lte=known_as_of).filter(
            Q(succession__voided_at=None) | Q(succession__voided_at__gt=known_as_of)
        )

    def in_force_on(self, day: dt.date) -> Self:
        """Links whose succession has taken effect by a day."""
        return self.filter(succession__on__lte=day)

    def slugs_by_succession(self) -> dict[int, tuple[list[str], list[str]]]:
        """Succession id → slugs of its predecessors and of its successors."""
        sides: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        names = ("succession_id", "predecessor__slug", "successor__slug")
        for succession, *slugs in self.order_by("id").values_list(*names):
            for side, slug in zip(sides[succession], slugs, strict=True):
                if slug not in side:
                    side.append(slug)
        return sides

    def successor_by_agency(self) -> dict[int, int]:
        """Where mergers and renamings lead in one step: predecessor id → successor id."""
        return dict(
            self.exclude(succession__kind="split")
            .order_by("succession__on", "succession_id")
            .values_list("predecessor_id", "successor_id")
        )


def carried(agency_id: int, successor_by_agency: dict[int, int]) -> int:
    """The last agency to which mergers and renamings lead from this one.

    The database refuses circles; a mapping from elsewhere that holds one is followed once round.
    """
    seen = {agency_id}
    while (following := successor_by_agency.get(agency_id)) and following not in seen:
        seen.add(following)
        agency_id = following
    return agency_id


class CoordinatorQuerySet(models.QuerySet["Coordinator"]):
    def in_office(self) -> Self:
        """Coordinators and deputies whose term covers today."""
        today = clock.today()
        return self.not_over().filter(Q(since=None) | Q(since__lte=today))

    def not_over(self) -> Self:
        """Terms whose last day has not passed, also those that have not begun."""
        return self.filter(Q(until=None) | Q(until__gte=clock.today()))


def with_heritage(
    agency_ids: set[int], parent_by_agency: dict[int, int], successor_by_agency: dict[int, int]
) -> set[int]:
    """Departments below and merged predecessors before, until nothing new is found."""
    found, size = set(agency_ids), 0
    while len(found) > size:
        size = len(found)
        for above in (parent_by_agency, successor_by_agency):
            found |= {below for below, over in above.items() if over in found}
    return found
