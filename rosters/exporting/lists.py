"""Rosters and lists of people as files: masked, in roster order, ready to be imported again."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from certificates.models import Certificate
from common.spreadsheets import CellValue, Column, Frame, write_table
from courses.models import CourseRun
from enrollment.models import Completion
from enrollment.querysets import EnrollmentQuerySet
from people.querysets import TraineeQuerySet
from rosters.choices import Paper
from rosters.exporting.columns import roster_columns
from rosters.exporting.learning import with_learning
from rosters.exporting.matrix import CourseMatrix
from rosters.exporting.papers import Layout, enrollments_on, fields_on, layout_of
from rosters.exporting.rows import PERSON_PATHS, NumbersWanted, people_rows, rows_of
from rosters.exporting.widths import longest_texts, widened
from rosters.fields import DEFAULT_KEYS, FIELD, FIELDS, PEOPLE_KEYS
from rosters.roster_field import Owner

# So many rows at most may be meant for paper: some forty pages.
PRINTED: Final = 1_000

_PATHS: Final = {field.key: field.paths for field in FIELDS}

Fit = Callable[[], list[Column]]


def roster_rows(
    enrollments: EnrollmentQuerySet,
    fields: Sequence[str] = DEFAULT_KEYS,
    numbers: NumbersWanted | None = None,
    reader: User | None = None,
) -> Iterator[list[CellValue]]:
    """One row per enrollment, by Vietnamese given name; numbers masked unless wanted.

    A ``reader`` who does not see everything gets of each person what the enrollment shows them.
    """
    rows = _with_results(enrollments.in_roster_order(), fields)
    rows = with_learning(rows, fields, reader)
    if reader is None or reader.reads_everything:
        return rows_of(rows, _PATHS, fields, numbers)
    return rows_of(rows.with_person_for(reader), _PATHS, fields, numbers, is_guarded=True)


def _with_results(enrollments: EnrollmentQuerySet, fields: Sequence[str]) -> Any:
    """The enrollments with values of their completion and certificate, where a column needs them.

    The annotations are those of ``RosterField.paths``.
    """
    completions = Completion.objects.not_voided().filter(enrollment=OuterRef("pk")).order_by("-id")
    issued = Certificate.objects.filter(
        completion__enrollment=OuterRef("pk"), completion__voided_at=None, state="issued"
    ).order_by("-id")
    rows_of: dict[Owner, QuerySet[Any]] = {
        Owner.COMPLETION: completions,
        Owner.CERTIFICATE: issued,
    }
    wanted = {
        path: Subquery(rows_of[field.owner].values(column)[:1])
        for field in (FIELD[key] for key in fields)
        if field.owner in rows_of
        for path, column in zip(field.paths, field.columns, strict=True)
    }
    return enrollments.annotate(**wanted) if wanted else enrollments


@audited("roster_exported")
def export_roster(
    *,
    by: Actor,
    run: CourseRun | None = None,
    enrollments: EnrollmentQuerySet,
    form: str,
    fields: Sequence[str] = DEFAULT_KEYS,
    numbers: NumbersWanted | None = None,
    reader: User | None = None,
    scope: str = "",
    paper: str = Paper.TABLE,
    agency: Agency | None = None,
    dropped: list[int] | None = None,
) -> Iterable[bytes]:
    """The pieces of a roster in a ``form`` of ``FileForm``.

    An official ``paper`` has columns of its own, and names whom it is for (``enrollments_on``);
    ``agency`` sends them.

    ``enrollments`` are those that the ``reader`` may see and has chosen; ``run`` narrows them to
    one. A table of several classes always has their codes, so that no row is imported into another
    class. The audit entry with the number of rows, and the reason for whole numbers, is written
    before the first piece. After the last one ``dropped`` has the numbers of the rows that lost
    characters, which are recorded too.
    """
    dropped = [] if dropped is None else dropped
    chosen = (enrollments.filter(run=run) if run else enrollments).named()
    if paper != Paper.TABLE and run:
        chosen = enrollments_on(paper, chosen, agency)
    about = {"run": run.code} if run else {}
    if paper != Paper.TABLE:
        about["paper"] = str(paper)
    known = chosen.of_identifiable_people(reader) if reader else chosen
    layout = _laid_out(paper, run, agency, chosen, known)
    numbers = _where_shown(numbers, fields if paper == Paper.TABLE else fields_on(paper))
    count = chosen.count()
    _audit(count, form, numbers, scope=scope or "all", **about)
    if layout is None:
        fields = fields if run or "run_code" in fields else (*fields, "run_code")
        columns, rows = roster_columns(fields), roster_rows(chosen, fields, numbers, reader)
        frame = Frame(wrapped=count <= PRINTED)
        fit = None if frame.wrapped else _fit(columns, known, _PATHS)
        return _pieces(by, form, columns, rows, frame, _("Roster"), dropped, fit)
    with translation.override("vi"):
        columns, rows = _on_paper(layout), _with_blank_cells(chosen, layout, numbers, reader)
        pieces = _pieces(by, form, columns, rows, layout.frame, _("Roster"), dropped)
        return list(pieces)  # made in the language of the paper


def _laid_out(
    paper: str,
    run: CourseRun | None,
    agency: Agency | None,
    enrollments: EnrollmentQuerySet,
    known: EnrollmentQuerySet,
) -> Layout | None:
    """An official paper, in Vietnamese; None for the plain table.

    Columns are as wide as the texts of ``known`` need: a width must not reveal the others' texts.
    """
    if paper == Paper.TABLE:
        return None
    longest = longest_texts(known, _PATHS, fields_on(paper))
    with translation.override("vi"):
        return layout_of(paper, run, agency, enrollments, longest)


@audited("people_exported")
def export_people(
    *,
    by: Actor,
    people: TraineeQuerySet,
    form: str,
    fields: Sequence[str] = PEOPLE_KEYS,
    numbers: NumbersWanted | None = None,
    reader: User | None = None,
    scope: str = "all",
    dropped: list[int] | None = None,
) -> Iterable[bytes]:
    """The pieces of a list with one row per person, which an import reads back.

    ``people`` are those that the ``reader`` may see and has chosen. Audit entry and ``dropped`` are
    as for ``export_roster``. Raises RosterError ``unknown_column``.
    """
    dropped = [] if dropped is None else dropped
    numbers = _where_shown(numbers, fields)
    columns, count = roster_columns(fields), people.count()
    _audit(count, form, numbers, scope=scope)
    rows = people_rows(people, fields, numbers, reader)
    frame = Frame(wrapped=count <= PRINTED)
    fit = None if frame.wrapped else _fit(columns, people, PERSON_PATHS)
    return _pieces(by, form, columns, rows, frame, _("People"), dropped, fit)


@audited("training_matrix_exported")
def export_matrix(
    *,
    by: Actor,
    people: TraineeQuerySet,
    form: str,
    reader: User | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    scope: str = "all",
    dropped: list[int] | None = None,
) -> Iterable[bytes]:
    """The pieces of a table of people and the courses that they completed in a period.

    Parameters are those of ``export_people``.
    """
    dropped = [] if dropped is None else dropped
    matrix, count = CourseMatrix(people, reader=reader, since=since, until=until), people.count()
    _audit(count, form, None, scope=scope)
    frame = Frame(wrapped=count <= PRINTED)
    columns, name = matrix.columns(), _("Courses completed")
    return _pieces(by, form, columns, matrix.rows(), frame, name, dropped)


def _where_shown(numbers: NumbersWanted | None, fields: Sequence[str]) -> NumbersWanted | None:
    return numbers if "personal_number" in fields else None


def _audit(rows: int, form: str, numbers: NumbersWanted | None, **about: str) -> None:
    reason = {"reason": numbers.reason} if numbers else {}
    audit_details(rows=rows, form=form, whole_numbers=bool(numbers), **about, **reason)


def _fit(columns: list[Column], rows: QuerySet[Any], paths_of: Mapping[str, Sequence[str]]) -> Fit:
    fields = [column.key for column in columns]
    return lambda: widened(columns, longest_texts(rows, paths_of, fields))


def _on_paper(layout: Layout) -> list[Column]:
    return [
        column if isinstance(column, Column) else replace(*roster_columns([column]), width=width)
        for column, width in zip(layout.columns, layout.widths, strict=True)
    ]


def _with_blank_cells(
    enrollments: EnrollmentQuerySet,
    layout: Layout,
    numbers: NumbersWanted | None,
    reader: User | None,
) -> Iterator[list[CellValue]]:
    fields = [column for column in layout.columns if isinstance(column, str)]
    for row in roster_rows(enrollments, fields, numbers, reader):
        values = iter(row)
        yield [next(values) if isinstance(column, str) else None for column in layout.columns]


def _pieces(
    by: Actor,
    form: str,
    columns: list[Column],
    rows: Iterable[list[CellValue]],
    frame: Frame,
    sheet_name: str,
    dropped: list[int],
    fit: Fit | None = None,
) -> Iterator[bytes]:
    yield from write_table(
        form, columns, rows, sheet_name=sheet_name, frame=frame, dropped=dropped, fit=fit
    )
    if dropped:
        _record_dropped(by=by, rows=dropped)


@audited("roster_characters_dropped")
def _record_dropped(*, by: Actor, rows: Sequence[int]) -> None:
    audit_details(rows=len(rows), first_rows=list(rows[:20]))
