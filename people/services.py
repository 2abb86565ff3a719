"""Deeds about people: entering, amending, moving, merging."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, deed, note
from common import clock
from common.bulk import bare_row, blank_values, insert_many, update_many
from common.vietnamese import nfc
from people.choices import CandidateState
from people.errors import PeopleError
from people.models import CandidatePair, Merge, Trainee, new_trainee_code

BATCH = 500


@dataclass(slots=True)
class PersonData:
    """What is known of a person; empty text and ``None`` mean: nothing is said."""

    full_name: str
    birth_date: dt.date | None = None
    birth_year: int | None = None
    sex: str = ""
    personal_number: str | None = None
    phone: str = ""
    email: str = ""
    position: str = ""
    unit: str = ""


_NUMBER_FIELDS = {"personal_number", "personal_number_digest", "personal_number_tail"}
_CONTACT = ("phone", "email", "position", "unit", "sex")


@deed("people_entered")
def enter_people(*, by: Actor, agency: Agency, people: Sequence[PersonData]) -> list[Trainee]:
    """Enter new people of an agency; the caller has matched them first."""
    blank = blank_values(Trainee) | {"agency_id": agency.pk, "recorded_at": clock.now()}
    trainees = [_new_trainee(data, blank) for data in people]
    try:
        with transaction.atomic():
            insert_many(trainees)
    except IntegrityError as error:
        raise PeopleError(
            "entered_meanwhile",
            _("Somebody entered one of these people at the same moment. Please try again."),
        ) from error
    note(agency=agency.slug, people=len(trainees))
    return trainees


def _new_trainee(data: PersonData, blank: Mapping[str, Any]) -> Trainee:
    known = {
        "code": new_trainee_code(),
        "full_name": nfc(data.full_name),
        "birth_date": data.birth_date,
        "birth_year": data.birth_year,
        "sex": data.sex,
        "personal_number": data.personal_number,
        "phone": data.phone,
        "email": data.email,
        "position": data.position,
        "unit": data.unit,
    }
    trainee = bare_row(Trainee, {**blank, **known})
    trainee.set_keys()
    return trainee


def amend(trainee: Trainee, data: PersonData) -> list[str]:
    """Set in memory what the data adds or changes; the names of the fields that changed.

    Blanks erase nothing. The name stays as it was typed first: capitals and the place of
    a tone mark rename nobody.
    """
    changed = []
    for field in _CONTACT:
        value = getattr(data, field)
        if value and value != getattr(trainee, field):
            setattr(trainee, field, value)
            changed.append(field)
    if data.birth_date and not trainee.birth_date:
        trainee.birth_date, trainee.birth_year = data.birth_date, data.birth_date.year
        changed += ["birth_date", "birth_year"]
    elif data.birth_year and not trainee.birth_year:
        trainee.birth_year = data.birth_year
        changed.append("birth_year")
    if data.personal_number and not trainee.personal_number_digest:
        trainee.personal_number = data.personal_number
        trainee.set_keys()
        changed += ["personal_number", "personal_number_digest", "personal_number_tail"]
    return changed


def move(trainee: Trainee, agency: Agency) -> list[str]:
    """Set in memory where a person works now; what they had sent them before stays."""
    if trainee.agency_id == agency.pk:
        return []
    trainee.agency = agency
    return ["agency"]


@deed("people_updated")
def save_amended(*, by: Actor, amended: Sequence[tuple[Trainee, Sequence[str]]]) -> int:
    """Write people changed by ``amend`` and ``move``; each with the fields that changed."""
    together: dict[tuple[str, ...], list[Trainee]] = defaultdict(list)
    for trainee, changed in amended:
        together[tuple(sorted(changed))].append(trainee)
    for fields, trainees in together.items():
        update_many(trainees, fields)
    plain = sorted({field for fields in together for field in fields} - _NUMBER_FIELDS)
    note(people=len(amended), fields=plain)
    return len(amended)


@deed("people_restored")
def restore(*, by: Actor, before: Mapping[int, Mapping[str, Sequence[Any]]]) -> int:
    """Give people back what a batch changed: id → field → value before and after, plain.

    A field that somebody has changed since stays as it is. How many people were touched.
    """
    ids, touched = sorted(before), 0
    for start in range(0, len(ids), BATCH):
        for trainee in Trainee.objects.defer("personal_number").filter(
            pk__in=ids[start : start + BATCH]
        ):
            fields = {
                name: was
                for name, (was, became) in before[trainee.pk].items()
                if str(getattr(trainee, name)) == str(became)
            }
            if fields.get("personal_number_digest", "") is None:
                fields |= {"personal_number": None, "personal_number_tail": ""}
            if fields:
                Trainee.objects.filter(pk=trainee.pk).update(**fields)
                touched += 1
    note(people=touched)
    return touched


@deed("candidates_listed")
def list_candidates(*, by: Actor, pairs: Iterable[tuple[int, int]]) -> int:
    """List pairs of people for a human to compare; what was settled stays settled."""
    ordered = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    rows = [CandidatePair(first_id=first, second_id=second) for first, second in sorted(ordered)]
    CandidatePair.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    note(pairs=len(rows))
    return len(rows)


@deed("people_merged")
def merge(*, by: Actor, survivor: Trainee, absorbed: Trainee, reason: str = "") -> Merge:
    """Record that two rows are one person; no other row is rewritten."""
    # Two merges at once could close a circle: whoever merges holds both rows.
    list(Trainee.objects.select_for_update().filter(pk__in=(survivor.pk, absorbed.pk)))
    survivor_by_absorbed = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    last = survivor.pk
    while last in survivor_by_absorbed:
        last = survivor_by_absorbed[last]
    if last == absorbed.pk or survivor.pk == absorbed.pk:
        raise PeopleError("same_row", _("These two are already one person."))
    if absorbed.pk in survivor_by_absorbed:
        raise PeopleError("already_merged", _("This person has already been merged into another."))
    merged = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, reason=reason, recorded_by=by.label
    )
    settle_pair(by=by, one=survivor, other=absorbed, state=CandidateState.SAME)
    note(survivor=survivor.code, absorbed=absorbed.code)
    return merged


@deed("merge_undone")
def undo_merge(*, by: Actor, merge: Merge) -> None:
    """Take a merge back; everything reads again as if it had not been."""
    undone = Merge.objects.filter(pk=merge.pk, undone_at=None).update(
        undone_at=clock.now(), undone_by=by.label
    )
    if not undone:
        raise PeopleError("already_undone", _("This merge has already been undone."))
    CandidatePair.objects.filter(
        first_id=min(merge.survivor_id, merge.absorbed_id),
        second_id=max(merge.survivor_id, merge.absorbed_id),
    ).update(state=CandidateState.OPEN, settled_at=None, settled_by="")
    note(survivor=merge.survivor.code, absorbed=merge.absorbed.code)


@deed("candidate_settled")
def settle_pair(*, by: Actor, one: Trainee, other: Trainee, state: str) -> CandidatePair:
    """Remember for good whether two rows are one person."""
    first, second = sorted((one.pk, other.pk))
    pair, _created = CandidatePair.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"state": state, "settled_at": clock.now(), "settled_by": by.label},
    )
    note(first=one.code, second=other.code, state=str(state))
    return pair
