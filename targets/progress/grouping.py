"""The number by agency, sector, kind and month: each person once, where they first counted."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from agencies.choices import AgencyKind, Sector
from agencies.models import Agency
from targets.progress.counting import Count, QualifyingCompletion
from targets.progress.lineage import Lineage

UNRESOLVED = "unresolved"
NO_SECTOR = "other"


class GroupBy(StrEnum):
    AGENCY = "agency"
    SECTOR = "sector"
    KIND = "kind"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Group:
    """People credited to a group, and the qualifying completions (lượt) of that group.

    A person stands in one group, that of the first qualifying completion; each completion
    stands in its own. So both columns add up to the whole.
    """

    key: str
    label: str
    persons: int
    completions: int


def groups(count: Count, by: GroupBy, *, as_it_is_today: bool = False) -> list[Group]:
    """The count in parts.

    Agencies are as they were on the day of each completion, or as they are today: along the
    mergers and renamings believed at the count's instant. Whom a split left without an heir
    stands under ``unresolved``. Months are those in which people were newly counted.
    """
    if by is GroupBy.MONTH:
        return _tally(count, lambda completion: f"{completion.completed_on:%Y-%m}", _month_label)
    agency_of = _agency_of(count, as_it_is_today=as_it_is_today)
    ids = {agency_of(completion) for completion in count.all_completions}
    agencies = Agency.objects.in_bulk([id_ for id_ in ids if id_ is not None])
    if by is GroupBy.AGENCY:
        return _by_agency(count, agency_of, agencies)

    def key_of(completion: QualifyingCompletion) -> str:
        if not as_it_is_today:
            return completion.sector if by is GroupBy.SECTOR else completion.agency_kind
        agency_id = agency_of(completion)
        if agency_id is None:
            return UNRESOLVED
        agency = agencies[agency_id]
        return (agency.sector or NO_SECTOR) if by is GroupBy.SECTOR else agency.kind

    labels = _labels(Sector.choices if by is GroupBy.SECTOR else AgencyKind.choices)
    found = _tally(count, key_of, labels.__getitem__)
    return sorted(found, key=lambda group: list(labels).index(group.key))


def _agency_of(
    count: Count, *, as_it_is_today: bool
) -> Callable[[QualifyingCompletion], int | None]:
    if not as_it_is_today:
        return lambda completion: completion.sending_agency_id
    lineage = Lineage.believed(count.known_as_of)
    return lambda completion: lineage.today_of(completion.sending_agency_id, completion.id)


def _by_agency(
    count: Count,
    agency_of: Callable[[QualifyingCompletion], int | None],
    agencies: dict[int, Agency],
) -> list[Group]:
    by_slug = {agency.slug: agency for agency in agencies.values()}

    def key_of(completion: QualifyingCompletion) -> str:
        agency_id = agency_of(completion)
        return UNRESOLVED if agency_id is None else agencies[agency_id].slug

    def label_of(key: str) -> str:
        return by_slug[key].name if key in by_slug else _unresolved_label()

    def order(group: Group) -> tuple[bool, str]:
        agency = by_slug.get(group.key)
        return (agency is None, agency.sort_key if agency else "")

    return sorted(_tally(count, key_of, label_of), key=order)


def _tally(
    count: Count,
    key_of: Callable[[QualifyingCompletion], str],
    label_of: Callable[[str], str],
) -> list[Group]:
    persons = Counter(key_of(person.first) for person in count.people)
    completions = Counter(key_of(completion) for completion in count.all_completions)
    return [
        Group(key, label_of(key), persons[key], completions[key]) for key in sorted(completions)
    ]


def _labels(choices: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Labels in the order in which groups are shown."""
    labels = {str(key): str(label) for key, label in choices}
    labels.setdefault(NO_SECTOR, str(AgencyKind.OTHER.label))
    return labels | {UNRESOLVED: _unresolved_label()}


def _unresolved_label() -> str:
    return _("Not yet assigned after a split")


def _month_label(key: str) -> str:
    year, month = key.split("-")
    return f"{month}/{year}"
