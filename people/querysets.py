"""Trainers reach trainees through ``enrollment``, which adds to ``visible_to``."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from django.apps import apps
from django.db import connection, models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.expressions import RawSQL

from accounts.choices import HasRoles
from accounts.models import User
from agencies.models import Agency
from agencies.querysets import NO_AGENCIES, AgencyVisibility
from common import clock
from common.access import restricted
from common.deferred_messages import DeferredMessage as _
from common.prepared import Given, Prepared
from common.relations import rows_behind
from common.vietnamese import search_key
from people.errors import PeopleError

if TYPE_CHECKING:
    from people.models import (
        CandidatePair,
        DataRequest,
        Letter,
        Merge,
        Trainee,
        TransferRequest,
    )


def trainee_of(user: Any) -> "Trainee | None":
    return getattr(user, "trainee", None)


class _OwnRow(NamedTuple):
    pk: int
    agency_id: int


@dataclass(frozen=True)
class Reader(HasRoles):
    """All that decides which rows a user may read: a ``visible_to`` takes it for the user.

    What is prepared for one reader (``common.prepared``) answers whoever may read the same.
    """

    pk: int
    roles: frozenset[str]
    trainee: _OwnRow | None
    agency_visibility: AgencyVisibility
    is_authenticated: ClassVar = True


def reader_of(user: Any) -> Reader:
    if isinstance(user, Reader):
        return user
    if user.reads_everything:
        return Reader(0, user.roles, None, NO_AGENCIES)
    own = _own_row(user=user.pk)
    return Reader(
        user.pk,
        user.roles,
        _OwnRow._make(own[0]) if own else None,
        Agency.objects.visibility_of(user) if user.has_role("coordinator") else NO_AGENCIES,
    )


@Prepared
def _own_row() -> Any:
    people = apps.get_model("people", "Trainee")._default_manager
    return people.filter(user=Given("user")).order_by().values_list("pk", "agency_id")


class TraineeQuerySet(models.QuerySet["Trainee"]):
    def locked(self) -> Self:
        """Hold these people until the transaction ends.

        Who only refers to a person (a seat, a message) does not wait: they may hold a row that the
        holder of the person wants next.
        """
        return self.select_for_update(no_key=True)

    @restricted
    def visible_to(self, user: Any) -> Self:
        """Oneself, the people of the agencies one acts for, or all."""
        if not user.has_role("coordinator"):
            return self.filter(user=user.pk)
        seen = Q(agency__in=Agency.objects.visible_to_coordinator(user))
        own = trainee_of(user)
        # Alone, the agencies lead SQLite along their index of names; with an OR it sorts them all.
        if own and own.agency_id not in Agency.objects.visibility_of(user).visible:
            seen |= Q(pk=own.pk)
        return self.filter(seen)

    def manageable_by(self, user: Any) -> Self:
        return self.filter(agency__in=Agency.objects.manageable_by(user))

    def of_people_manageable_by(self, user: Any) -> Self:
        """Manageable rows that were not merged into a person outside of the user's agencies.

        Whoever signs in through one row reads all rows of the person.
        """
        manageable = self.manageable_by(user)
        survivors = rows_behind(self, "merges_out").not_undone().survivor_by_absorbed()
        last = {row: resolved(row, survivors) for row in survivors}
        theirs = self.model._default_manager.manageable_by(user).filter(pk__in=set(last.values()))
        own = set(theirs.values_list("pk", flat=True)) if last else set()
        return manageable.exclude(pk__in=[row for row, person in last.items() if person not in own])

    def unmerged(self) -> Self:
        absorbed = rows_behind(self, "merges_out").filter(absorbed=OuterRef("pk"), undone_at=None)
        return self.exclude(Exists(absorbed))

    def unlisted(self) -> models.QuerySet[Any, Any]:
        """Keys of erased people, and of rows merged into another person's."""
        absorbed = rows_behind(self, "merges_out").not_undone().order_by().values("absorbed")
        # Not an OR, for which every row would be looked at.
        return self.filter(erased_at__isnull=False).order_by().values("pk").union(absorbed)

    def named(self) -> Self:
        return self.filter(erased_at=None)

    def of_address(self, address: str) -> Self:
        """Those with this e-mail address, of their own or of their account."""
        # Accounts are named first: of a join with an OR every person would be read.
        accounts = User.objects.filter(email__iexact=address).values_list("pk", flat=True)
        own = Q(email__iexact=address) & ~Q(email="")
        return self.filter(own | Q(user__in=list(accounts)))

    def matching(self, text: str) -> Self:
        # A code in capitals, as all are: it is found by its index, and the name by another.
        code = text.strip().upper()
        return self.filter(Q(search_key__contains=search_key(text)) | Q(code=code))

    def in_roster_order(self) -> Self:
        """Vietnamese order: given name first, then the rest."""
        return self.order_by("sort_key", "id")


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.reads_everything else self.none()

    def not_undone(self) -> Self:
        return self.filter(undone_at=None)

    def not_undone_at(self, instant: dt.datetime) -> Self:
        return self.filter(Q(undone_at=None) | Q(undone_at__gt=instant))

    def believed(self, known_as_of: dt.datetime) -> Self:
        return self.not_undone_at(known_as_of).filter(recorded_at__lte=known_as_of)

    def present_survivor_by_absorbed(self) -> dict[int, int]:
        """That of ``believed(clock.now())``, without the time to build a query."""
        now = connection.ops.adapt_datetimefield_value(clock.now())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT absorbed_id, survivor_id FROM people_merge"
                " WHERE (undone_at IS NULL OR undone_at > %s) AND recorded_at <= %s",
                [now, now],
            )
            return dict(cursor.fetchall())

    def survivor_by_absorbed(self) -> dict[int, int]:
        """One step of every merge: absorbed id → survivor id."""
        return dict(self.values_list("absorbed_id", "survivor_id"))


def resolved(person_id: int, survivor_by_absorbed: dict[int, int]) -> int:
    """Raises PeopleError ``merge_circle``."""
    last, steps = person_id, 0
    while last in survivor_by_absorbed:
        last = survivor_by_absorbed[last]
        steps += 1
        if steps > len(survivor_by_absorbed):
            raise _circle_error(last, survivor_by_absorbed)
    return last


def _circle_error(start: int, survivor_by_absorbed: dict[int, int]) -> PeopleError:
    circle, last = [start], survivor_by_absorbed[start]
    while last != start:
        circle.append(last)
        last = survivor_by_absorbed[last]
    trainees = apps.get_model("people", "Trainee")._default_manager
    codes = dict(trainees.filter(pk__in=circle).values_list("pk", "code"))
    names = " → ".join(str(codes.get(row, row)) for row in [*circle, start])
    message = _("The merges %(names)s form a circle: undo one of them.")
    return PeopleError("merge_circle", message % {"names": names})


def having(rows: models.QuerySet[Any], survivors: dict[int, int]) -> Q:
    """People one of whose rows, merged ones too, is the ``trainee`` of one of ``rows``."""
    found = Q(Exists(rows.filter(trainee=OuterRef("pk"))))
    if survivors:
        absorbed = rows.filter(trainee__in=list(survivors)).order_by()
        ids = absorbed.values_list("trainee_id", flat=True)
        found |= Q(pk__in={resolved(row, survivors) for row in ids})
    return found


def rows_of(person_id: int, survivor_by_absorbed: dict[int, int]) -> list[int]:
    """All rows of the same human being, the surviving row first."""
    last = resolved(person_id, survivor_by_absorbed)
    others = [row for row in survivor_by_absorbed if resolved(row, survivor_by_absorbed) == last]
    return [last, *sorted(others)]


_SAME_PERSON = """
    UNION
    SELECT CASE WHEN m.absorbed_id = own.id THEN m.survivor_id ELSE m.absorbed_id END
    FROM people_merge m JOIN own ON own.id IN (m.absorbed_id, m.survivor_id)
    WHERE m.undone_at IS NULL
) SELECT id FROM own
"""
_OF_USER = "WITH RECURSIVE own(id) AS (SELECT id FROM people_trainee WHERE user_id = %s"
_OF_PERSON = "WITH RECURSIVE own(id) AS (SELECT id FROM people_trainee WHERE id = %s"


def rows_of_user(user_id: Given | int | None) -> RawSQL:
    """Ids, for ``__in``, of all rows of an account's person, merges resolved."""
    return RawSQL(_OF_USER + _SAME_PERSON, [user_id])  # noqa: S611  # nosec B611


def rows_of_person(trainee_id: int) -> RawSQL:
    """Ids, for ``__in``, of all rows of the person that one row is of, merges resolved."""
    return RawSQL(_OF_PERSON + _SAME_PERSON, [trainee_id])  # noqa: S611  # nosec B611


class CandidatePairQuerySet(models.QuerySet["CandidatePair"]):
    def open(self) -> Self:
        return self.filter(state="open")

    def open_at(self, instant: dt.datetime) -> Self:
        return self.filter(found_at__lte=instant).filter(
            Q(settled_at=None) | Q(settled_at__gt=instant)
        )

    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.reads_everything else self.none()


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        return self.filter(trainee__user=user)

    def open(self) -> Self:
        return self.filter(state__in=("open", "replied")).order_by("reply_by", "id")

    def overdue(self) -> Self:
        return self.filter(state="open", reply_by__lt=clock.today())


class TransferRequestQuerySet(models.QuerySet["TransferRequest"]):
    def pending(self) -> Self:
        return self.filter(state="pending")

    @restricted
    def visible_to(self, user: Any) -> Self:
        """One's own, those that one's agencies sent or may answer, or all."""
        asked = Q(to_agency__in=Agency.objects.visible_to_coordinator(user)) & _coordinates(user)
        return self.filter(asked | self._answerable(user))

    def answerable_by(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.has_role("programme_office"):
            return self.pending()
        return self.pending().filter(self._answerable(user))

    def sent_by(self, user: Any) -> Self:
        return self.filter(to_agency__in=Agency.objects.manageable_by(user))

    def of_user(self, user: Any) -> Self:
        return self.filter(trainee__in=rows_of_user(user.pk)) if trainee_of(user) else self.none()

    def with_person_for(self, user: Any) -> Self:
        """Annotate ``is_open``: whether the user may read more than the name as sent."""
        if user.reads_everything:
            return self.annotate(is_open=Value(True))
        known = When(self._answerable(user), then=Value(True))
        return self.annotate(is_open=Case(known, default=Value(False)))

    def _answerable(self, user: Any) -> Q:
        own = Q(trainee__in=rows_of_user(user.pk)) if trainee_of(user) else Q(pk__in=[])
        if not user.has_role("coordinator"):
            return own
        manageable = Agency.objects.visibility_of(user).manageable
        people = rows_behind(self, "trainee").filter(agency__in=manageable)
        survivors = rows_behind(self, "trainee", "merges_out").not_undone().survivor_by_absorbed()
        if not survivors:
            return own | Q(trainee__in=people.values("pk"))
        theirs = set(people.filter(pk__in=set(survivors.values())).values_list("pk", flat=True))
        absorbed = [row for row in survivors if resolved(row, survivors) in theirs]
        lasting = people.exclude(pk__in=list(survivors)).values("pk")
        return own | Q(trainee__in=absorbed) | Q(trainee__in=lasting)


def _coordinates(user: Any) -> Q:
    return Q() if user.has_role("coordinator") else Q(pk__in=[])


class LetterQuerySet(models.QuerySet["Letter"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        return self.manageable_by(user)

    def manageable_by(self, user: Any) -> Self:
        people = rows_behind(self, "trainee")
        return self.filter(trainee__in=people.of_people_manageable_by(user))

    def needed(self) -> Self:
        """Not those of a mail that reached its recipient at a later try."""
        return self.exclude(notice__state="sent")

    def to_print(self) -> Self:
        return self.needed().filter(printed_at=None)
