"""The forms of file in which a table is offered: one choice for pages, the API and commands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from common import downloads
from common.spreadsheets.columns import CellValue, Column, Frame
from common.spreadsheets.csv_files import FOR_EXCEL, FOR_PROGRAMS, write_csv
from common.spreadsheets.xlsx_writer import write_xlsx

_NO_FRAME: Final = Frame()


class FileForm(models.TextChoices):
    XLSX = "xlsx", _("Excel workbook (.xlsx)")
    CSV = "csv", _("CSV for Excel in Vietnamese (semicolons, decimal commas)")
    PLAIN_CSV = "plain-csv", _("CSV for programs (commas, days as 2026-12-31)")

    @property
    def suffix(self) -> str:
        return "xlsx" if self == FileForm.XLSX else "csv"

    @property
    def content_type(self) -> str:
        return downloads.XLSX if self == FileForm.XLSX else downloads.CSV


def write_table(
    form: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[CellValue]],
    *,
    sheet_name: str,
    frame: Frame = _NO_FRAME,
    dropped: list[int] | None = None,
    fit: Callable[[], Sequence[Column]] | None = None,
) -> Iterator[bytes]:
    """The pieces of a table as a file of a form; a CSV has neither frame nor widths.

    ``dropped`` and ``fit`` are those of ``write_xlsx``.
    """
    if form == FileForm.XLSX:
        return write_xlsx(
            columns, rows, sheet_name=sheet_name, frame=frame, dropped=dropped, fit=fit
        )
    dialect = FOR_PROGRAMS if form == FileForm.PLAIN_CSV else FOR_EXCEL
    return write_csv(columns, rows, dialect, dropped=dropped)
