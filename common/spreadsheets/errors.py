"""Why a file is refused: one sentence each, with what its sender can do."""

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError


class SpreadsheetError(DomainError):
    """A file that is not read at all."""


_REASONS = {
    "empty_file": _("The file is empty; save the list again and send that file."),
    "file_too_large": _("The file is larger than 32 MB; send the list without pictures."),
    "html_file": _(
        "This is a web page that is only named as a spreadsheet; open it in Excel, save it as "
        "“Excel Workbook (*.xlsx)” and send that file."
    ),
    "lock_file": _(
        "This is the lock file that Excel keeps beside a workbook while it is open (its name "
        "begins with ~$); close the workbook and send the workbook itself."
    ),
    "drive_link": _(
        "This file is only a link to Google Drive; open the list there, choose File, Download, "
        "Microsoft Excel (.xlsx), and send that file."
    ),
    "no_worksheets": _(
        "The workbook has no sheet with cells, only charts or nothing; send the one with the list."
    ),
    "not_a_spreadsheet": _(
        "This is not a spreadsheet; send an Excel workbook (.xlsx) or a CSV file."
    ),
    "damaged_file": _(
        "The file is damaged or incomplete; open it in Excel, save it again and send that file."
    ),
    "encrypted_file": _(
        "The file is protected by a password; save it without the password and send that file."
    ),
    "has_macros": _(
        "The workbook holds macros; save it as “Excel Workbook (*.xlsx)” without them."
    ),
    "has_external_links": _(
        "The workbook takes data from other files; paste those cells as values, save it and send "
        "it again."
    ),
    "zip_bomb": _(
        "Unpacked, the file would be far larger than an honest list; copy the list into a new "
        "workbook and send that file."
    ),
    "has_entities": _(
        "The file holds definitions that no spreadsheet program writes; copy the list into a new "
        "workbook and send that file."
    ),
    "too_many_rows": _("The list is longer than 200,000 rows; divide it into several files."),
    "list_too_long": _(
        "The list has more than 10,000 rows or 300,000 filled cells; leave out what is not needed, "
        "or divide it into several files."
    ),
    "too_many_columns": _(
        "The list is wider than 256 columns; remove the columns that are not needed."
    ),
    "too_many_sheets": _(
        "The workbook has more than 100 sheets; send one with the sheet of the list alone."
    ),
    "too_many_cells": _(
        "The sheet holds more than 4 million filled cells; divide the list into several files."
    ),
    "open_quotation": _(
        'In row %(row)s a cell begins with a quotation mark (") that is never closed, so all rows '
        "below it are part of the cell; delete the mark or close it, and send the file again."
    ),
    "rows_in_quotation": _(
        'In row %(row)s rows of the list stand inside one cell, between two quotation marks ("); '
        "delete the marks and send the file again. Where the cell is meant so, save the list as "
        "“Excel Workbook (*.xlsx)” and send that file."
    ),
    "unknown_encoding": _(
        "The letters of this text file cannot be read; in Excel save it as “CSV UTF-8 (*.csv)” or, "
        "better, as “Excel Workbook (*.xlsx)”."
    ),
}


def refuse(code: str, **parameters: int) -> SpreadsheetError:
    """The error for a reason; ``row`` where it is one row's fault."""
    return SpreadsheetError(code, _REASONS[code] % parameters)
