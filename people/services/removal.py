"""Removing people who were entered by mistake, unless something depends on them."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Q

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common.bulk import update_many
from common.vietnamese import nfc
from people.choices import RemovalObstacle
from people.models import CandidatePair, Trainee, number_digest
from people.services.bulk import BATCH, PersonInput
from people.services.transfer_lapses import lapse

_ANONYMISED_FIELDS: Final = (
    "full_name", "birth_date", "birth_year", "sex", "unit", "position", "email", "phone",
    "personal_number", "personal_number_digest", "personal_number_tail",
    "claimed_number_digest", "sort_key", "search_key",
    "match_key", "likeness_key", "erased_at",
)  # fmt: skip
_MERGED: Final = Q(merges_in__isnull=False) | Q(merges_out__isnull=False)
_HAS_HISTORY: Final = (
    Q(transfers__isnull=False)
    | Q(split_assignments__isnull=False)
    | Q(data_requests__isnull=False)
    | Q(erasure__isnull=False)
)


@audited("people_removed")
def remove_people(
    *, by: Actor, agency: Agency, entered: Mapping[int, PersonInput]
) -> dict[int, RemovalObstacle]:
    """Anonymise people, given as they were entered for the agency; returns why others stay.

    The row stays, empty, under its trainee code, since the seat ledger names it: no list shows it
    and nothing is compared with it. The caller checks enrollments.
    """
    stay: dict[int, RemovalObstacle] = {}
    ids = sorted(entered)
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        people = list(Trainee.objects.select_for_update().filter(pk__in=part).order_by("pk"))
        touched = _built_upon(part)
        for person in people:
            if not _is_as_entered(person, entered[person.pk], agency):
                touched.setdefault(person.pk, RemovalObstacle.CHANGED)
        _anonymise([person for person in people if person.pk not in touched])
        stay |= touched
    audit_details(people=len(ids) - len(stay), stay=len(stay))
    return stay


def _anonymise(people: Sequence[Trainee]) -> None:
    for person in people:
        person.anonymise()
    update_many(people, _ANONYMISED_FIELDS)
    lapse("", [person.pk for person in people])
    CandidatePair.objects.filter(Q(first__in=people) | Q(second__in=people)).delete()


def _built_upon(ids: Sequence[int]) -> dict[int, RemovalObstacle]:
    people = Trainee.objects.filter(pk__in=ids).order_by().values_list("pk", flat=True)
    settled = CandidatePair.objects.exclude(state="open").order_by()
    found = dict.fromkeys(people.filter(_HAS_HISTORY), RemovalObstacle.CHANGED)
    found |= dict.fromkeys(people.filter(_MERGED), RemovalObstacle.COMPARED)
    for side in ("first_id", "second_id"):
        compared = settled.filter(**{f"{side}__in": ids}).values_list(side, flat=True)
        found |= dict.fromkeys(compared, RemovalObstacle.COMPARED)
    return found | dict.fromkeys(people.filter(user__isnull=False), RemovalObstacle.ACCOUNT)


def _is_as_entered(person: Trainee, data: PersonInput, agency: Agency) -> bool:
    number = data.personal_number
    year = data.birth_date.year if data.birth_date else data.birth_year
    entered = (
        nfc(data.full_name), data.birth_date, year, data.sex or "", data.unit or "",
        data.position or "", data.email or "", data.phone or "",
        number_digest(number) if number else None, agency.pk,
    )  # fmt: skip
    stands = (
        person.full_name, person.birth_date, person.birth_year, person.sex, person.unit,
        person.position, person.email, person.phone, person.personal_number_digest,
        person.agency_id,
    )  # fmt: skip
    return entered == stands
