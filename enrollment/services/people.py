"""Which people a user sees, where enrollments decide it too."""

from typing import Any

from django.db.models import Q

from accounts.choices import Role
from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from common.prepared import Number, Prepared, instances, stored_names
from common.registries import people_filters
from enrollment.models import Enrollment
from people.models import Trainee
from people.querysets import Reader, TraineeQuerySet, reader_of


def people_visible_to(user: Any) -> TraineeQuerySet:
    people = Trainee.objects.visible_to(user)
    if user.reads_everything or not user.has_role(Role.TRAINER):
        return people
    # Two subqueries instead of an OR across joins, which SQLite answers by a full scan.
    taught = Enrollment.objects.taught_by(user).values("trainee")
    return Trainee.objects.filter(Q(pk__in=people.values("pk")) | Q(pk__in=taught))


def people_listed_for(user: Any, **narrowing: str) -> TraineeQuerySet:
    """Of the people whom a user sees: what ``listed_people`` gives."""
    return listed_people(people_visible_to(user), **narrowing)


def number_listed_for(user: Any, **narrowing: str) -> int:
    """How many ``people_listed_for`` gives; where nothing narrows it, by those who are left out.

    To look at each of a hundred thousand rows would cost more than the page.
    """
    if any(narrowing.values()):
        return people_listed_for(user, **narrowing).count()
    reader = reader_of(user)
    return _number_seen.number(reader) - _number_left_out.number(reader)


@Prepared
def _number_seen(reader: Reader) -> Any:
    return people_visible_to(reader).order_by().values_list(Number())


@Prepared
def _number_left_out(reader: Reader) -> Any:
    unlisted = people_visible_to(reader).filter(pk__in=Trainee.objects.unlisted())
    return unlisted.order_by().values_list(Number())


def listed_people(
    people: TraineeQuerySet,
    *,
    q: str = "",
    agency: str = "",
    status: str = "",
    untrained: str = "",
) -> TraineeQuerySet:
    """People as lists and exports show them, each once; ``agency`` is a slug, ``untrained`` that of
    an audience for which they are not yet trained.

    Rows merged into another person's and erased people are left out.
    """
    people = people.unmerged().named()
    if q:
        people = people.matching(q)
    if agency:
        # One value, not a join: SQLite walks the agency's index of names.
        people = people.filter(agency=Agency.objects.filter(slug=agency).values("pk")[:1])
    if status:
        people = people_filters["status"](people, status)
    if untrained:
        people = people_filters["untrained"](people, untrained)
    return people


def people_nominable_by(user: Any) -> TraineeQuerySet:
    return Trainee.objects.manageable_by(user).named().unmerged().exclude(user=user)


def agencies_listed_for(user: Any) -> AgencyQuerySet:
    if user.reads_everything:
        return Agency.objects.all()
    taught = Enrollment.objects.taught_by(user).values("trainee__agency")
    own = Agency.objects.visible_to_coordinator(user).values("pk")
    return Agency.objects.filter(Q(pk__in=own) | Q(pk__in=taught))


def first_agencies_listed_for(user: Any, most: int) -> list[Agency]:
    return instances(Agency, _first_agencies(reader_of(user), most))


@Prepared
def _first_agencies(reader: Reader, most: int) -> Any:
    return agencies_listed_for(reader).values_list(*stored_names(Agency))[:most]


def people_openable_by(user: Any) -> TraineeQuerySet:
    """Whose page opens: people listed, and those known by an enrollment of theirs.

    Through an enrollment a former agency reaches a person whom it once sent.
    """
    if user.reads_everything:
        return Trainee.objects.all()
    # An enrollment that hides its person must not open their page.
    enrollments = Enrollment.objects.visible_to(user).of_identifiable_people(user).values("trainee")
    own = Trainee.objects.visible_to(user).values("pk")
    return Trainee.objects.filter(Q(pk__in=own) | Q(pk__in=enrollments))
