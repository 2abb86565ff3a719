"""Why a table cannot be read, and what its sender can do."""

from collections.abc import Iterable
from typing import Final

from common.deferred_messages import DeferredMessage as _
from common.identity import legacy_remedy
from common.legacy_encodings import legacy_encoding
from common.spreadsheets import Row
from rosters.errors import RosterError
from rosters.fields import NAME_KEYS
from rosters.importing.layouts.cells import cell_text
from rosters.importing.layouts.headings import field_of

_LONGEST_LOOKED_AT: Final = 1_000  # letters of a cell that may hold a whole row


def not_a_roster(rows: Iterable[Row]) -> RosterError:
    texts = [value for row in rows for value in row.values if isinstance(value, str)]
    if encoding := next(filter(None, map(legacy_encoding, texts)), None):
        return RosterError("legacy_encoding", legacy_remedy(encoding))
    if any(map(_holds_a_whole_row, texts)):
        message = _(
            "Each row is in a single cell; select the column, choose Data, Text to Columns, "
            "Delimited, save the list as “Excel Workbook (*.xlsx)” and send that file."
        )
        return RosterError("all_in_one_column", message)
    if any(field_of(cell_text(text)) not in (None, "index") for text in texts):
        return no_name_column()
    message = _(
        "No known column was found in the first 30 rows; use column headings such as “Họ và tên”, "
        "“Ngày sinh”, “Giới tính”, “Số CCCD”, “Chức vụ”, “Đơn vị công tác”."
    )
    return RosterError("no_known_columns", message)


def _holds_a_whole_row(text: str) -> bool:
    cells = max((text[:_LONGEST_LOOKED_AT].split(sign) for sign in ";,\t|"), key=len)
    fields = {found for cell in cells if (found := field_of(cell_text(cell)))}
    return len(fields) > 2 and not fields.isdisjoint(NAME_KEYS)


def no_name_column() -> RosterError:
    text = _(
        "No column with names was found in the first 30 rows; use the heading “Họ và tên” or “Full "
        "name”."
    )
    return RosterError("no_name_column", text)
