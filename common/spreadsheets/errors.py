"""Why a file is refused: one sentence each, with what its sender can do."""

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError


class SpreadsheetError(DomainError):
    pass


_REASONS = {
    "empty_file": _("The file is empty; save the list again and send that file."),
    "file_too_large": _("The file is larger than 32 MB; send the list without pictures."),
    "html_file": _(
        "This is a web page with the file name of a spreadsheet; open it in Excel, save "
        "it as “Excel Workbook (*.xlsx)” and send that file."
    ),
    "lock_file": _(
        "This is the temporary lock file that Excel creates while a workbook is open "
        "(its name begins with ~$); close the workbook and send the workbook itself."
    ),
    "drive_link": _(
        "This file is only a link to Google Drive; open the list there, choose File, Download, "
        "Microsoft Excel (.xlsx), and send that file."
    ),
    "no_worksheets": _(
        "The workbook has no sheet with data, only charts or nothing at all; send the "
        "one with the list."
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
        "The workbook contains macros; save it without them as “Excel Workbook (*.xlsx)”."
    ),
    "has_external_links": _(
        "The workbook refers to data in other files; paste those cells as values, save "
        "it and send it again."
    ),
    "zip_bomb": _(
        "Unpacked, the file would be far larger than a normal list; copy the list into a "
        "new workbook and send that file."
    ),
    "has_entities": _(
        "The file contains definitions that no spreadsheet program writes; copy the list "
        "into a new workbook and send that file."
    ),
    "too_many_rows": _("The list is longer than 200,000 rows; split it into several files."),
    "list_too_long": _(
        "The list has more than 10,000 rows or 300,000 filled cells; remove what is not "
        "needed, or split it into several files."
    ),
    "too_many_columns": _(
        "The list has more than 256 columns; remove the columns that are not needed."
    ),
    "too_many_sheets": _(
        "The workbook has more than 100 sheets; send one that contains only the sheet "
        "with the list."
    ),
    "too_many_cells": _(
        "The sheet has more than 4 million filled cells; split the list into several files."
    ),
    "open_quotation": _(
        'In row %(row)s a cell begins with a quotation mark (") that is never closed, so '
        "all rows below it are part of that cell; delete or close the quotation mark and "
        "send the file again."
    ),
    "rows_in_quotation": _(
        "In row %(row)s several rows of the list are inside one cell, between two "
        'quotation marks ("); delete the marks and send the file again. If the cell is '
        "intended that way, save the list as “Excel Workbook (*.xlsx)” and send that "
        "file."
    ),
    "too_much_for_a_workbook": _(
        "An Excel workbook cannot hold that many rows; narrow the list, or export it as CSV."
    ),
    "unknown_encoding": _(
        "The encoding of this text file cannot be read; in Excel save it as “CSV UTF-8 "
        "(*.csv)” or, better, as “Excel Workbook (*.xlsx)”."
    ),
}


def refuse(code: str, **parameters: int) -> SpreadsheetError:
    return SpreadsheetError(code, _REASONS[code] % parameters)
