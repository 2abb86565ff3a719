"""How a roster's rows are shown: values, findings, changes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from agencies.models import Agency
from common import formats
from common.identity import mask_number
from people.models import Trainee
from rosters.choices import Outcome
from rosters.fields import CODE_KEYS, FIELDS, label_of
from rosters.importing.rows import RosterValues
from rosters.importing.staged_rows import SeenRow
from rosters.models import RosterImport

OUTCOME_TONES: Final = {
    Outcome.CREATED: "good",
    Outcome.MATCHED: "good",
    Outcome.CANDIDATE: "wait",
    Outcome.REJECTED: "bad",
}
# What may change of a known person or their enrollment, in the order of a roster's columns.
_LABELS: Final = {
    **{field.key: field.label for field in FIELDS if field.is_importable},
    "agency_id": gettext_lazy("Agency"),
}


def shown_rows(user: User, upload: RosterImport, rows: Sequence[SeenRow]) -> list[dict[str, Any]]:
    agencies, seen = _agencies(upload, rows), _visible_people(user, rows)
    return [
        {
            "number": row.result.row,
            "name": row.result.full_name,
            "summary": _summary(row.values),
            "outcome": row.result.outcome.label,
            "tone": OUTCOME_TONES.get(row.result.outcome, ""),
            "errors": [finding.message for finding in row.result.errors],
            "warnings": [finding.message for finding in row.result.warnings],
            "only_enters": bool(row.person_id) and not row.before,
            "changes": _changes(row, upload.agency_id, agencies, seen),
        }
        for row in rows
    ]


def _summary(values: RosterValues) -> list[str]:
    sex, *codes = (label_of(key, values.get(key)) for key in ("sex", *CODE_KEYS))
    lines = [(_birth(values), sex, _number(values)), (values.position, values.unit, *codes)]
    return [" · ".join(filter(None, line)) for line in lines if any(line)]


def _birth(values: RosterValues) -> str:
    return formats.day(values.birth_date) or str(values.birth_year or "")


def _number(values: RosterValues) -> str:
    number = values.personal_number
    return mask_number(number) if number else values.masked_number or ""


def _agencies(upload: RosterImport, rows: Sequence[SeenRow]) -> dict[int, str]:
    left = {row.before["agency_id"] for row in rows if "agency_id" in row.before}
    if not left:
        return {}
    found = [*Agency.objects.filter(pk__in=left), upload.agency]
    return {agency.pk: agency.name for agency in found}


def _visible_people(user: User, rows: Sequence[SeenRow]) -> Collection[int]:
    """The changed people whose record the reader may see; never those who come with this roster."""
    changing = {row.person_id: row.before for row in rows if row.person_id and row.before}
    if not changing or user.reads_everything:
        return changing
    known = [pk for pk, before in changing.items() if "agency_id" not in before]
    return set(Trainee.objects.visible_to(user).filter(pk__in=known).values_list("pk", flat=True))


def _changes(
    row: SeenRow, sender: int, agencies: Mapping[int, str], seen: Collection[int]
) -> list[dict[str, str]]:
    before, after = _before(row), _after(row.values, sender)
    return [
        {
            "label": str(label),
            "before": _worded(field, before[field], agencies)
            if row.person_id in seen
            else _("not included"),
            "after": _worded(field, after[field], agencies),
        }
        for field, label in _LABELS.items()
        if field in before
    ]


def _before(row: SeenRow) -> dict[str, Any]:
    """Field → old value; of a birth the year, since nothing more exact is ever changed."""
    before = dict(row.before)
    if "birth_year" in before or "birth_date" in before:
        before["birth"] = before.get("birth_year", row.values.year)
    return before


def _after(values: RosterValues, sender: int) -> dict[str, Any]:
    return {
        **values.texts,
        "birth": _birth(values),
        "sex": values.sex,
        "personal_number": _number(values),
        "phone": values.phone,
        "email": values.email,
        "agency_id": sender,
    }


def _worded(field: str, value: Any, agencies: Mapping[int, str]) -> str:
    if not value:
        return "–"
    if field == "agency_id":
        return agencies.get(value, "–")
    return label_of(field, value)
