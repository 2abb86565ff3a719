"""Giving a run's roster out: masked, typed, in roster order, ready to be sent back."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from common.identity import mask_number
from common.spreadsheets import Column, Written, write_csv, write_xlsx
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.querysets import EnrollmentQuerySet
from people.choices import Sex
from rosters.layouts import export_columns

_FIELDS = (
    "trainee_code",
    "full_name",
    "birth",
    "sex",
    "personal_number",
    "phone",
    "email",
    "position",
    "unit",
    "note",
)


def roster_columns() -> list[Column]:
    """STT, the columns that an import reads back, and what only we can say."""
    return [
        Column("index", _("No."), kind="number", width=6),
        *export_columns(_FIELDS),
        Column("sending_agency", _("Sending agency"), width=40),
        Column("state", _("State"), width=18),
    ]


def roster_rows(enrollments: EnrollmentQuerySet) -> Iterator[list[Written]]:
    """One row per live place, by Vietnamese given name; numbers masked."""
    states = {value: str(label) for value, label in EnrollmentState.choices}
    sexes = {value: str(label) for value, label in Sex.choices}
    values = enrollments.live().in_roster_order().values(*_NEEDED)
    for index, row in enumerate(values.iterator(chunk_size=2000), start=1):
        tail = row["trainee__personal_number_tail"]
        yield [
            index,
            row["trainee__code"],
            row["trainee__full_name"],
            row["trainee__birth_date"] or row["trainee__birth_year"],
            sexes.get(row["trainee__sex"], ""),
            mask_number(tail) if tail else "",
            row["trainee__phone"],
            row["trainee__email"],
            row["position"] or row["trainee__position"],
            row["unit"] or row["trainee__unit"],
            row["note"],
            row["sending_agency__name_vi"],
            states[row["state"]],
        ]


_NEEDED = (
    "trainee__code",
    "trainee__full_name",
    "trainee__birth_date",
    "trainee__birth_year",
    "trainee__sex",
    "trainee__personal_number_tail",
    "trainee__phone",
    "trainee__email",
    "trainee__position",
    "trainee__unit",
    "position",
    "unit",
    "note",
    "sending_agency__name_vi",
    "state",
)


@deed("roster_exported")
def export_roster(
    *, by: Actor, run: CourseRun, enrollments: EnrollmentQuerySet, form: str
) -> Iterable[bytes]:
    """The roster of a run as the pieces of a file; ``form`` is ``xlsx`` or ``csv``.

    ``enrollments`` are those that the reader may see. The export goes on record with the
    number of its rows before the first piece is made.
    """
    places = enrollments.filter(run=run)
    note(run=run.code, rows=places.live().count(), form=form)
    columns, rows = roster_columns(), roster_rows(places)
    if form == "csv":
        return write_csv(columns, rows)
    return write_xlsx(columns, rows, sheet_name=_("Roster"))
