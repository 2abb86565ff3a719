import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol, TypeAlias

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.bulk import blank_values, in_list, insert_many, model_from_values, update_many
from common.constraints import violation_as
from common.vietnamese import nfc
from people.errors import PeopleError
from people.matching import Incoming
from people.models import (
    Trainee,
    Transfer,
    digests_of,
    likeness_key,
    new_trainee_codes,
)
from people.services.transfer_lapses import settle_moved

BATCH = 500


class PersonInput(Protocol):
    """Data of a person from a roster row or form; empty text and ``None`` mean: not given."""

    full_name: str
    birth_date: dt.date | None
    birth_year: int | None
    personal_number: str | None

    @property
    def sex(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def position(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...


@dataclass(slots=True)
class PersonData(Incoming):
    sex: str = ""
    phone: str = ""
    email: str = ""
    position: str = ""
    unit: str = ""


_NUMBER_FIELDS = {"personal_number", "personal_number_digest", "personal_number_tail"}
# Fields that a change in memory has altered, each with what stood there before.
Before: TypeAlias = dict[str, Any]
_CONTACT = ("phone", "email", "position", "unit", "sex")
_contact = attrgetter(*_CONTACT)


@audited("people_entered")
def enter_people(
    *,
    by: Actor,
    agency: Agency,
    people: Sequence[PersonInput],
    digests: Sequence[str] | None = None,
    numbers_are_claimed: bool = False,
) -> list[Trainee]:
    """Enter new people of an agency; the caller has matched them first.

    ``digests`` are the blind indexes of their numbers, empty where there is none, if the caller has
    them. Numbers that others have are entered as claims (``Trainee.claim_number``).
    """
    blank = blank_values(Trainee) | {"agency_id": agency.pk, "recorded_at": clock.now()}
    codes = new_trainee_codes(len(people))
    indexes = digests or digests_of([person.personal_number for person in people])
    trainees = [
        _new_trainee(person, code, digest, blank)
        for person, code, digest in zip(people, codes, indexes, strict=True)
    ]
    if numbers_are_claimed:
        for trainee in trainees:
            trainee.claim_number()
    meanwhile = _("Someone entered one of these people at the same time. Please try again.")
    with violation_as(PeopleError, "entered_meanwhile", meanwhile):
        _insert_under_free_codes(trainees)
    audit_details(agency=agency.slug, people=len(trainees))
    return trainees


def _insert_under_free_codes(trainees: Sequence[Trainee]) -> None:
    """Insert people, with another code for those whose code is taken.

    With 300,000 people, one programme in seven would meet such a pair.
    """
    left_out = insert_many(trainees, unless_taken="code")
    while left_out:
        for trainee, code in zip(left_out, new_trainee_codes(len(left_out)), strict=True):
            trainee.code = code
        left_out = insert_many(left_out, unless_taken="code")


def _new_trainee(data: PersonInput, code: str, digest: str, blank: Mapping[str, Any]) -> Trainee:
    known = {
        "code": code,
        "full_name": nfc(data.full_name),
        "birth_date": data.birth_date,
        "birth_year": data.birth_year,
        "sex": data.sex or "",
        "personal_number": data.personal_number,
        "phone": data.phone or "",
        "email": data.email or "",
        "position": data.position or "",
        "unit": data.unit or "",
    }
    trainee = model_from_values(Trainee, blank, known)
    trainee.set_keys(digest)
    return trainee


def amend(trainee: Trainee, data: PersonInput, stay: Collection[str] = ()) -> Before:
    """Set in memory what the data adds or changes; returns the former values by field.

    Fields in ``stay`` are left alone. Blanks erase nothing. The name stays as first typed: capitals
    and the position of a tone mark are no reason to rename anybody.
    """
    before: Before = {}
    for field, value, stood in zip(_CONTACT, _contact(data), _contact(trainee), strict=True):
        if value and value != stood and field not in stay:
            setattr(trainee, field, value)
            before[field] = stood
    if data.birth_date and not trainee.birth_date:
        before["birth_date"], trainee.birth_date = None, data.birth_date
        year: int | None = data.birth_date.year
    else:
        year = trainee.birth_year or data.birth_year
    if year != trainee.birth_year:
        before["birth_year"], trainee.birth_year = trainee.birth_year, year
        trainee.set_likeness()
    if data.personal_number and not trainee.personal_number_tail:
        before |= dict.fromkeys(_NUMBER_FIELDS) | {"personal_number_tail": ""}
        trainee.personal_number = data.personal_number
        trainee.set_keys()
    return before


def move(trainee: Trainee, agency: Agency) -> Before:
    if trainee.agency_id == agency.pk:
        return {}
    before = {"agency_id": trainee.agency_id}
    trainee.agency = agency
    return before


@audited("people_updated")
def save_amended(*, by: Actor, amended: Sequence[tuple[Trainee, Collection[str]]]) -> int:
    """Write people changed by ``amend`` and ``move``, each with the fields that changed.

    Raises PeopleError ``changed_meanwhile`` where one was erased or moved since they were read.
    """
    if amended:
        _require_unmoved(amended)
    _record_transfers(by, [trainee for trainee, changed in amended if "agency_id" in changed])
    together: dict[tuple[str, ...], list[Trainee]] = defaultdict(list)
    for trainee, changed in amended:
        together[tuple(sorted(changed))].append(trainee)
    for fields, trainees in together.items():
        update_many(trainees, _with_derived(fields))
    plain = {field for fields in together for field in fields} - _NUMBER_FIELDS
    audit_details(people=len(amended), fields=sorted(field.removesuffix("_id") for field in plain))
    return len(amended)


def _require_unmoved(amended: Sequence[tuple[Trainee, Collection[str]]]) -> None:
    agency_read = {
        trainee.pk: None if "agency_id" in changed else trainee.agency_id
        for trainee, changed in amended
    }
    rows = Trainee.objects.locked().filter(pk__in=in_list(agency_read)).order_by("pk")
    for pk, agency, erased_at in rows.values_list("pk", "agency_id", "erased_at"):
        if erased_at or agency_read[pk] not in (None, agency):
            raise PeopleError(
                "changed_meanwhile",
                _(
                    "Someone transferred or erased one of these people in the meantime. "
                    "Please try again."
                ),
            )


def _with_derived(fields: tuple[str, ...]) -> tuple[str, ...]:
    return (*fields, "likeness_key") if "birth_year" in fields else fields


def _record_transfers(by: Actor, moved: Iterable[Trainee]) -> None:
    """To be called before the rows are written: it reads the former agencies from them."""
    going = {trainee.pk: trainee.agency_id for trainee in moved}
    ids, now, today = sorted(going), clock.now(), clock.today()
    for start in range(0, len(ids), BATCH):
        part = Trainee.objects.filter(pk__in=ids[start : start + BATCH]).order_by("pk")
        rows = [
            Transfer(
                trainee_id=pk,
                from_agency_id=here,
                to_agency_id=going[pk],
                moved_on=today,
                recorded_at=now,
                recorded_by=by.label,
            )
            for pk, here in part.values_list("pk", "agency_id")
            if here != going[pk]
        ]
        insert_many(rows)
        settle_moved(by, {row.trainee_id: row.to_agency_id for row in rows})


@audited("people_restored")
def restore(
    *,
    by: Actor,
    before: Mapping[int, Mapping[str, Sequence[Any]]],
    own: Collection[int] | None = None,
) -> int:
    """Undo what a batch changed: id → field → (value before, value after), as plain values.

    Fields changed since then stay, and so do people who no longer work for one of the agencies in
    ``own`` (by default all). Returns how many people were changed.
    """
    people = Trainee.objects.defer("personal_number").locked()
    if own is not None:
        people = people.filter(agency__in=own)
    ids, touched = sorted(before), 0
    for start in range(0, len(ids), BATCH):
        for trainee in people.filter(pk__in=ids[start : start + BATCH]).order_by("pk"):
            fields = {
                name: was
                for name, (was, became) in before[trainee.pk].items()
                if str(getattr(trainee, name)) == str(became)
            }
            if fields.get("personal_number_digest", "") is None:
                fields |= {"personal_number": None, "personal_number_tail": ""}
            if "birth_year" in fields:
                fields["likeness_key"] = likeness_key(trainee.full_name, fields["birth_year"])
            if "agency_id" in fields:
                trainee.agency_id = int(fields["agency_id"])
                _record_transfers(by, [trainee])
            if fields:
                Trainee.objects.filter(pk=trainee.pk).update(**fields)
                touched += 1
    audit_details(people=touched)
    return touched
