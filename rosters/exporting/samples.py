"""An empty roster for one class: its columns, what may be chosen in them, and how to fill it in."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from django.db.models import Count
from django.utils.translation import gettext as _

from agencies.models import Agency
from common import formats
from common.spreadsheets import Column, Frame, Words, write_xlsx
from courses.models import CourseRun
from people.models import Trainee
from rosters.exporting.columns import roster_columns
from rosters.fields import FIELDS

# What our own lists have that an import reads; people who are not entered yet have no code.
_KEYS: Final = tuple(
    field.key
    for field in FIELDS
    if field.by_default and field.is_importable and field.key != "trainee_code"
)
_LONGEST_LIST: Final = 250  # characters that Excel takes for a list to choose from
_MOST_AGENCIES: Final = 10  # whoever acts for more finds their units in no short list


def sample_roster(run: CourseRun, agencies: Collection[Agency]) -> Iterator[bytes]:
    """A workbook that an import reads back; units are those of the ``agencies``, the usual first.

    Everything is text: what is typed as a date stays as typed, whatever the country of the
    computer.
    """
    columns = [_column(column, agencies) for column in roster_columns(_KEYS)]
    frame = Frame(above=tuple((words,) for words in _head(run, len(columns))), wrapped=True)
    return write_xlsx(columns, (), sheet_name=_("Roster"), frame=frame)


def _column(column: Column, agencies: Collection[Agency]) -> Column:
    if column.key == "birth":
        return replace(column, kind="text", width=13)
    if column.key == "unit" and len(agencies) <= _MOST_AGENCIES:
        return replace(column, choices=_units(agencies))
    return column


def _units(agencies: Collection[Agency]) -> tuple[str, ...]:
    departments = Agency.objects.filter(parent__in=agencies).order_by("sort_key")
    people = Trainee.objects.filter(agency__in=agencies).exclude(unit="").order_by()
    used = people.values_list("unit").annotate(people=Count("pk")).order_by("-people", "unit")
    names = [*departments.values_list("name_vi", flat=True), *(unit for unit, _n in used[:100])]
    chosen, length = dict[str, None](), 0
    for name in names:
        if "," not in name and name not in chosen and length + len(name) < _LONGEST_LIST:
            chosen[name] = None
            length += len(name) + 1
    return tuple(chosen)


def _head(run: CourseRun, width: int) -> Iterator[Words]:
    title, days = _("List of people for class %(code)s"), formats.days(run.starts_on, run.ends_on)
    yield Words(title % {"code": run.code}, 0, width - 1, bold=True, size=14)
    yield Words(f"{run.course.title}, {days}", 0, width - 1)
    years = _("the birth date (day/month/year) or the year alone")
    dates = _("the birth date (day/month/year)")
    hint = _("One person in each row: full name and %(birth)s; the personal number if known.")
    birth = years if run.course.bare_birth_years else dates
    yield Words(hint % {"birth": birth}, 0, width - 1, italic=True)
