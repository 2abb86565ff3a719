"""How the cells of a roster are made of what the database says, and of what its reader may know."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from common.identity import mask_number
from common.spreadsheets import Written
from enrollment.choices import EnrollmentState, Grade, PersonShown
from people.choices import Sex

Make = Callable[[Any], Written]
# What is the sender's own of every enrollment, and what a former agency learns no more.
_OF_THE_PLACE: Final = frozenset({
    "index", "trainee_code", "note", "sending_agency", "state", "run", "course", "starts_on",
    "ends_on",
})  # fmt: skip
_NEWER: Final = frozenset({"phone", "email", "agency"})
_BLANK: Final[Mapping[str, Written]] = dict.fromkeys(
    ("full_name", "sex", "personal_number", "phone", "email", "agency", "grade",
     "register_number", "serial_number"), "",
)  # fmt: skip


def cell(field: str, at: Sequence[int], is_whole: bool) -> Make:
    """How the cell of a field is made of a row of values, which stand at ``at``."""
    if not at:
        return lambda _row: None
    first = at[0]
    if field == "personal_number":
        return _whole_number(first) if is_whole else _masked_number(first)
    if field == "register_number":
        return _register_label(*at)
    if len(at) == 2:
        second = at[1]
        return lambda row: row[first] or row[second]
    labels = {"sex": Sex, "state": EnrollmentState, "grade": Grade}.get(field)
    if labels:
        said = {value: str(label) for value, label in labels.choices}
        return lambda row: said.get(row[first], "")
    if field == "score":
        return lambda row: None if row[first] is None else float(row[first])
    return itemgetter(first)


def guarded(field: str, make: Make, paths: Sequence[str]) -> Make:
    """A cell as its reader may see it; ``person_shown`` stands last but one in the row."""
    own = next((at for at, path in enumerate(paths) if path == field), None)

    def made(row: Any) -> Written:
        shown, name = row[-2], row[-1]
        if shown == PersonShown.ALL or field in _OF_THE_PLACE:
            return make(row)
        if field in ("position", "unit"):
            return row[own] if own is not None else ""
        if shown == PersonShown.NOTHING:
            return name if field == "full_name" else _BLANK.get(field)
        return _BLANK[field] if field in _NEWER else make(row)

    return made


def _register_label(number: int, year: int, register: int) -> Make:
    """As certificates print it: ``0012/2026/AI``."""

    def label(row: Any) -> Written:
        return f"{row[number]:04d}/{row[year]}/{row[register]}" if row[number] else ""

    return label


def _masked_number(at: int) -> Make:
    def masked(row: Any) -> Written:
        return mask_number(row[at]) if row[at] else ""

    return masked


def _whole_number(at: int) -> Make:
    return lambda row: row[at] or ""
