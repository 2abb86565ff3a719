"""Frameworks and audiences as workbooks."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from pathlib import Path

from django.utils.translation import gettext as _

from common.spreadsheets import Column, Row, rows_on_a_page, write_xlsx
from common.spreadsheets.named_columns import rows_below_headings
from competencies.errors import CompetencyInputError
from competencies.layouts import AudienceRow, FrameworkRow, row_of, rows_of
from competencies.models import AudienceRule, Framework

# The longest text of each column, as the models hold it.
_COLUMNS = {
    "kind": 20, "code": 20, "vi": 200, "en": 200, "area_vi": 200, "area_en": 200,
    "text_vi": 1000, "text_en": 1000, "url": 200,
}  # fmt: skip


def write_framework(framework: Framework) -> Iterator[bytes]:
    columns = [
        Column(name, name, width=14 if longest < 200 else 40) for name, longest in _COLUMNS.items()
    ]
    rows = (
        (
            row.kind, row.code, row.vi, row.en, row.area_vi, row.area_en, row.text_vi, row.text_en,
            row.url,
        )
        for row in rows_of(framework)
    )  # fmt: skip
    return write_xlsx(columns, rows, sheet_name=f"{framework.slug}-{framework.version}"[:31])


def read_framework(source: bytes | Path) -> list[FrameworkRow]:
    """The rows of a framework's workbook.

    Errors: ``no_known_columns``, ``too_long`` with row and column.
    """
    found = rows_below_headings(rows_on_a_page(source), tuple(_COLUMNS))
    return [_row(row, cells) for row, cells in found]


_AUDIENCE_COLUMNS = (
    "slug", "vi", "en", "positions", "positions_not", "units", "agency_kinds", "trainee_kinds",
    "courses", "competencies",
)  # fmt: skip


def write_audiences(rules: Iterable[AudienceRule]) -> Iterator[bytes]:
    """Of rules read ``with_requirements``."""
    columns = [Column(name, name, width=24) for name in _AUDIENCE_COLUMNS]
    rows = (astuple(row_of(rule))[: len(columns)] for rule in rules)
    return write_xlsx(columns, rows, sheet_name="audiences")


def read_audiences(source: bytes | Path) -> list[AudienceRow]:
    """Error: ``no_known_columns``."""
    found = rows_below_headings(rows_on_a_page(source), _AUDIENCE_COLUMNS)
    return [AudienceRow(*cells, row=row.number) for row, cells in found]


def _row(row: Row, cells: list[str]) -> FrameworkRow:
    for (name, longest), text in zip(_COLUMNS.items(), cells, strict=True):
        if len(text) > longest:
            message = _("Row %(row)s, column “%(column)s”: at most %(most)s characters.")
            what = {"row": row.number, "column": name, "most": longest}
            raise CompetencyInputError("too_long", message % what)
    kind, *others = cells
    return FrameworkRow(kind.lower(), *others, row=row.number)
