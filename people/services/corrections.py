import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from common.dates import check_birth
from common.vietnamese import nfc
from people.errors import PeopleError, PeopleInputError
from people.models import CORRECTABLE, Trainee, Transfer, number_digest
from people.querysets import TraineeQuerySet
from people.services.merges import list_candidates
from people.services.registration import note_claim
from people.services.transfer_lapses import settle_moved

_NUMBER_TAKEN = gettext_lazy(
    "Another person has this number. Ask the programme office to compare the two: they "
    "may be the same person."
)


@audited("person_corrected")
def correct(
    *,
    by: Actor,
    trainee: Trainee,
    seen: str,
    values: dict[str, Any],
    known: TraineeQuerySet | None = None,
) -> list[str]:
    """Write what a human corrected; returns the names of the fields that changed.

    ``values`` has the new values of ``CORRECTABLE`` fields and, under ``personal_number``, a new
    number or nothing. ``seen`` is the version of the row that the user was shown. ``known`` are the
    people whom the user may know of, by default all: a number that somebody else has is kept as a
    claim, and the office compares the two. Raises PeopleError ``edited_meanwhile``,
    ``number_taken`` or ``erased``, DateError.
    """
    row = lock_trainee(trainee)
    if row.edition != seen:
        raise PeopleError(
            "edited_meanwhile",
            _(
                "Someone else changed this person's data in the meantime; your changes "
                "were not saved. The current data are shown below."
            ),
        )
    changed = _set(row, values)
    if changed:
        if "personal_number" in changed:
            _take_number(by, row, Trainee.objects.all() if known is None else known)
        _write(row)
    audit_details(trainee=row.code, fields=changed)
    return changed


def lock_trainee(trainee: Trainee) -> Trainee:
    """Raises PeopleError ``erased``."""
    row = Trainee.objects.locked().get(pk=trainee.pk)
    if row.erased_at:
        raise PeopleError("erased", _("The data of this person were erased; nothing can be added."))
    return row


def _set(row: Trainee, values: dict[str, Any]) -> list[str]:
    changed = []
    if birth := values.get("birth_date") or values.get("birth_year"):
        check_birth(birth)
    for field in CORRECTABLE:
        value = nfc(values[field]) if isinstance(values.get(field), str) else values.get(field)
        if field in values and value != getattr(row, field):
            setattr(row, field, value)
            changed.append(field)
    number = values.get("personal_number")
    if number and number != row.personal_number:
        row.personal_number = number
        changed.append("personal_number")
    return changed


def _take_number(by: Actor, row: Trainee, known: TraineeQuerySet) -> None:
    number = row.personal_number or ""
    digest = number_digest(number)
    same = Q(personal_number_digest=digest) | Q(claimed_number_digest=digest)
    if known.exclude(pk=row.pk).filter(same).exists():
        raise PeopleError("number_taken", str(_NUMBER_TAKEN))
    others = Trainee.objects.exclude(pk=row.pk)
    if bearer := others.filter(personal_number_digest=digest).first():
        row.claim_number()
        list_candidates(by=by, pairs=[(row.pk, bearer.pk)])
        note_claim(number)


def _write(row: Trainee) -> None:
    with violation_as(PeopleError, "number_taken", _NUMBER_TAKEN), transaction.atomic():
        row.save()


@audited("person_transferred")
def transfer(*, by: Actor, trainee: Trainee, agency: Agency, on: dt.date) -> Transfer:
    """Move a person to another agency from a day on; enrollments keep their sending agency.

    Raises PeopleError ``same_agency``, ``move_in_future``, ``agency_not_valid`` or ``erased``.
    """
    row = lock_trainee(trainee)
    if row.agency_id == agency.pk:
        raise PeopleError("same_agency", _("This person already belongs to this agency."))
    if on > clock.today():
        raise PeopleInputError(
            "move_in_future", _("Record the transfer on its effective date, not before.")
        )
    if not Agency.objects.valid_on(on).filter(pk=agency.pk).exists():
        raise PeopleError("agency_not_valid", _("This agency did not exist on that date."))
    moved = Transfer.objects.create(
        trainee=row,
        from_agency_id=row.agency_id,
        to_agency=agency,
        moved_on=on,
        recorded_by=by.label,
    )
    row.agency = agency
    row.save(update_fields=["agency"])
    settle_moved(by, {row.pk: agency.pk})
    audit_details(trainee=row.code, agency=agency.slug, on=on)
    return moved


@audited("number_revealed")
def reveal_number(*, by: Actor, trainee: Trainee, reason: str) -> str:
    """The personal number in clear; the reason is audited. Raises PeopleError ``no_number``."""
    number = Trainee.objects.values_list("personal_number", flat=True).get(pk=trainee.pk)
    if not number:
        raise PeopleError("no_number", _("No personal number is recorded for this person."))
    audit_details(trainee=trainee.code, reason=reason)
    return str(number)
