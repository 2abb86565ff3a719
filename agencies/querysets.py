import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.prepared import Given, Prepared
from common.vietnamese import search_key

if TYPE_CHECKING:
    from agencies.models import Agency, Coordinator, Succession, SuccessionLink


class AgencyVisibility(NamedTuple):
    """Ids of the agencies whose people a coordinator sees, and of those they may act for."""

    visible: frozenset[int]
    manageable: frozenset[int]


NO_AGENCIES = AgencyVisibility(frozenset(), frozenset())


def shown_name(name_vi: str, name_en: str) -> str:
    return name_en if name_en and get_language() == "en" else name_vi


class AgencyQuerySet(models.QuerySet["Agency"]):
    def valid_on(self, day: dt.date) -> Self:
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )

    def visible_to_coordinator(self, user: Any) -> Self:
        """The user's own agencies, their departments and merged predecessors."""
        visible = self.visibility_of(user).visible
        return self.filter(id__in=visible) if visible else self.none()

    def seen_by(self, user: Any) -> Self:
        """All, for whoever reads everything; else a coordinator's."""
        return self if user.reads_everything else self.visible_to_coordinator(user)

    def to_send_for(self, user: Any) -> Self:
        """Whose people a user may send today."""
        return self.manageable_by(user).valid_on(clock.today())

    def manageable_by(self, user: Any) -> Self:
        """The agencies for whose people a user may act.

        Coordinators of an agency that has ended only read: its successor's coordinators act.
        """
        if user.has_role("programme_office"):
            return self
        if not user.has_role("coordinator"):
            return self.none()
        manageable = self.visibility_of(user).manageable
        return self.filter(id__in=manageable) if manageable else self.none()

    def visibility_of(self, user: Any) -> AgencyVisibility:
        # Remembered on the user: every list of a page asks for it.
        if not hasattr(user, "agency_visibility"):
            user.agency_visibility = self._read_visibility(user)
        visibility: AgencyVisibility = user.agency_visibility
        return visibility

    def _read_visibility(self, user: Any) -> AgencyVisibility:
        today = clock.today()
        if not (last_day_by_agency := dict(_coordinated(self.model, user=user.pk, today=today))):
            return NO_AGENCIES
        parents = dict(_parents(self.model))
        successors = self._successors(today)
        visible = with_departments_and_predecessors(set(last_day_by_agency), parents, successors)
        current = {pk for pk, last in last_day_by_agency.items() if last is None or last >= today}
        manageable = with_departments_and_predecessors(current, parents, successors)
        # An agency that merged into one outside of these is managed from there.
        gone = {pk for pk in manageable if successors.get(pk, pk) not in manageable}
        return AgencyVisibility(frozenset(visible), frozenset(manageable - gone))

    def _successors(self, day: dt.date) -> dict[int, int]:
        """Mergers and renamings in force on a day, as believed now: predecessor → successor."""
        return dict(_succeeded(self.model, day=day, now=clock.now()))

    def related_to(self, agency_id: int) -> Self:
        successors = self._successors(clock.today())
        parents = dict(_parents(self.model))
        head = {current_successor(agency_id, successors)}
        return self.filter(id__in=with_departments_and_predecessors(head, parents, successors))

    def agencies_of_sender(self, agency_id: int, user: Any = None) -> frozenset[int]:
        """Ids of the agencies whose people a roster may change.

        A coordinator's are those that they act for. The programme office and commands act for
        the sending agency alone, since they could otherwise move anybody without noticing.
        """
        if user is not None and not user.has_role("programme_office"):
            is_coordinator = user.has_role("coordinator")
            return self.visibility_of(user).manageable if is_coordinator else frozenset()
        return frozenset({agency_id, *self.related_to(agency_id).values_list("id", flat=True)})

    def matching(self, text: str) -> Self:
        wanted = search_key(text)
        return self.filter(Q(search_key__contains=wanted) | Q(name_en__icontains=text.strip()))

    def id_slug_names(self) -> Iterator[tuple[int, str, str]]:
        """(id, slug, name in the reader's language), by name."""
        rows = self.order_by("sort_key", "id").values_list("id", "slug", "name_vi", "name_en")
        for id_, slug, name_vi, name_en in rows:
            yield id_, slug, shown_name(name_vi, name_en)


# Every page of a coordinator asks the following three.


@Prepared
def _coordinated(agencies: type[models.Model]) -> Any:
    # One filter for both ends of the term: it is the same row that must cover today.
    own = agencies._default_manager.filter(
        Q(coordinators__since=None) | Q(coordinators__since__lte=Given("today")),
        Q(coordinators__until=None) | Q(coordinators__until__gte=Given("today")),
        coordinators__user=Given("user"),
    )
    return own.order_by().values_list("id", "valid_to")


@Prepared
def _parents(agencies: type[models.Model]) -> Any:
    below = agencies._default_manager.exclude(parent=None)
    return below.order_by().values_list("id", "parent_id")


@Prepared
def _succeeded(agencies: type[models.Model]) -> Any:
    gone = agencies._default_manager.filter(
        links_to_successors__succession__kind__in=("merger", "renaming"),
        links_to_successors__succession__on__lte=Given("day"),
        links_to_successors__succession__recorded_at__lte=Given("now"),
        links_to_successors__succession__voided_at=None,
    )
    return gone.order_by("sort_key", "id").values_list("id", "links_to_successors__successor_id")


class SuccessionQuerySet(models.QuerySet["Succession"]):
    def not_voided(self) -> Self:
        return self.filter(voided_at=None)


class SuccessionLinkQuerySet(models.QuerySet["SuccessionLink"]):
    def believed(self, known_as_of: dt.datetime) -> Self:
        return self.filter(succession__recorded_at__lte=known_as_of).filter(
            Q(succession__voided_at=None) | Q(succession__voided_at__gt=known_as_of)
        )

    def in_force_on(self, day: dt.date) -> Self:
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
        """One step of mergers and renamings: predecessor id → successor id."""
        return dict(
            self.exclude(succession__kind="split")
            .order_by("succession__on", "succession_id")
            .values_list("predecessor_id", "successor_id")
        )


def current_successor(agency_id: int, successor_by_agency: dict[int, int]) -> int:
    """The last agency to which mergers and renamings lead from this one."""
    # The database refuses circles, but the mapping may come from elsewhere: stop after one round.
    seen = {agency_id}
    while (following := successor_by_agency.get(agency_id)) and following not in seen:
        seen.add(following)
        agency_id = following
    return agency_id


class CoordinatorQuerySet(models.QuerySet["Coordinator"]):
    def in_office(self) -> Self:
        today = clock.today()
        return self.not_over().filter(Q(since=None) | Q(since__lte=today))

    def acting(self) -> Self:
        """Who may do something today: the term alone lets nobody in, nor is told of people."""
        coordinators = User.objects.filter(is_active=True).holding(Role.COORDINATOR)
        return self.in_office().filter(user__in=coordinators)

    def not_over(self) -> Self:
        """Also terms that have not begun."""
        return self.filter(Q(until=None) | Q(until__gte=clock.today()))


def with_departments_and_predecessors(
    agency_ids: set[int], parent_by_agency: dict[int, int], successor_by_agency: dict[int, int]
) -> set[int]:
    """The agencies, their departments and merged predecessors, and those of these."""
    found, size = set(agency_ids), 0
    while len(found) > size:
        size = len(found)
        for above in (parent_by_agency, successor_by_agency):
            found |= {below for below, over in above.items() if over in found}
    return found
