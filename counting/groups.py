"""The number by agency, sector, kind, course or month: each person in one group."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agencies.choices import AgencyKind, Sector
from agencies.models import Agency
from common.bulk import in_list
from counting.lineage import NO_COMPLETION, Lineage
from counting.replay import Count, GroupBy, Part, added_up
from courses.models import Course

UNRESOLVED = "unresolved"
NO_SECTOR = "other"


@dataclass(frozen=True, slots=True)
class Group:
    """People credited to a group, and the qualifying completions (lượt) of that group.

    A person belongs to the group of their first qualifying completion, each completion to its own,
    so both columns add up to the whole.
    """

    key: str
    label: str
    persons: int
    completions: int


Name = tuple[int, str, str]  # of an agency: id, slug, and name in the reader's language


def groups(
    count: Count,
    by: GroupBy,
    *,
    as_it_is_today: bool = False,
    names: Iterable[Name] | None = None,
) -> list[Group]:
    """The count in parts.

    Agencies are as they were on the day of each completion, or ``as_it_is_today``: followed along
    the mergers and renamings believed at the count's instant, with ``unresolved`` for people whom
    a split left unassigned. Months are those in which people were newly counted. ``names`` are
    those of all agencies in order, where the caller has read them.
    """
    if by is GroupBy.MONTH:
        parts = count.parts(by)
        return [Group(month, _month_label(month), *parts[month]) for month in sorted(parts)]
    if by is GroupBy.COURSE:
        return _by_course(count.parts(by))
    if by is GroupBy.AGENCY:
        parts = parts_today(count) if as_it_is_today else count.parts(by)
        return _by_agency(parts, names)
    parts = _by_fact_of_today(count, by) if as_it_is_today else count.parts(by)
    labels = _labels(Sector.choices if by is GroupBy.SECTOR else AgencyKind.choices)
    return [Group(key, labels[key], *parts[key]) for key in labels if key in parts]


def parts_today(count: Count, lineage: Lineage | None = None) -> dict[int | None, Part]:
    """The count by today's successors of the senders; None: not assigned after a split.

    An agency's part moves as a whole, except for completions that a human assigned after a split.
    """
    return added_up(_moved(count, lineage or Lineage.believed(count.known_as_of)))


def _moved(count: Count, lineage: Lineage) -> Iterator[tuple[int | None, Part]]:
    for agency_id, part in count.parts(GroupBy.AGENCY).items():
        yield lineage.today_of(agency_id, NO_COMPLETION), part
    if not lineage.successors_by_completion_and_agency:
        return
    # What was assigned by name leaves the part that moved as a whole.
    for completion_id, agency_id, part in count.contributions(
        lineage.assigned.values_list("completion_id", flat=True)
    ):
        yield lineage.today_of(agency_id, NO_COMPLETION), Part(-part.persons, -1)
        yield lineage.today_of(agency_id, completion_id), part


def _by_fact_of_today(count: Count, by: GroupBy) -> dict[str, Part]:
    parts = parts_today(count)
    agencies = Agency.objects.in_bulk([id_ for id_ in parts if id_ is not None])

    def key_of(agency_id: int | None) -> str:
        if agency_id is None:
            return UNRESOLVED
        agency = agencies[agency_id]
        return (agency.sector or NO_SECTOR) if by is GroupBy.SECTOR else agency.kind

    return added_up((key_of(agency_id), part) for agency_id, part in parts.items())


def _by_agency(parts: Mapping[int | None, Part], names: Iterable[Name] | None) -> list[Group]:
    found = []
    if None in parts:
        found.append(Group(UNRESOLVED, unresolved_label(), *parts[None]))
    if names is None:
        ids = [id_ for id_ in parts if id_ is not None]
        names = Agency.objects.filter(pk__in=in_list(ids)).id_slug_names() if ids else ()
    return [Group(slug, name, *parts[id_]) for id_, slug, name in names if id_ in parts] + found


def _by_course(parts: Mapping[str, Part]) -> list[Group]:
    # Every one is in the catalogue: a rule names rows of it.
    courses = Course.objects.filter(code__in=parts).order_by("code")
    return [Group(one.code, f"{one.code} · {one.title}", *parts[one.code]) for one in courses]


def _labels(choices: Iterable[tuple[str, object]]) -> dict[str, str]:
    labels = {str(key): str(label) for key, label in choices}
    labels.setdefault(NO_SECTOR, str(AgencyKind.OTHER.label))
    return labels | {UNRESOLVED: unresolved_label()}


def unresolved_label() -> str:
    return _("Not yet assigned after a split")


def _month_label(key: str) -> str:
    year, month = key.split("-")
    return f"{month}/{year}"
