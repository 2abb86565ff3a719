"""Workbooks written as a stream: openpyxl makes the workbook, the rows are spliced into its sheet.

openpyxl builds everything around the rows once (``xlsx_skeletons``); the rows are XML text, so that
the first bytes leave at once and memory does not grow with the rows. Text is always an inline
string: nothing that a cell is given can become a formula.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from common.outlets import Outlet
from common.spreadsheets.columns import CellValue, Column, Frame
from common.spreadsheets.errors import refuse
from common.spreadsheets.page_layout import height_of
from common.spreadsheets.xlsx_skeletons import (
    FIRST_BELOW,
    LAST_ROW_MARK,
    LAST_ROW_OF_ALL,
    SHEET_PART,
    WORKBOOK_PART,
    CellForm,
    Skeleton,
    skeleton_of,
)
from common.spreadsheets.xml_text import IN_PLACE, NO_XML, loses_characters

_ROW_BELOW = re.compile(r'(?<=[A-Z"])10480\d\d(?=[":])')
_LONGEST_TEXT = 32_767
_ROWS_PER_CHUNK = 500
_LARGEST_SHEET = zipfile.ZIP64_LIMIT - 2**20  # room for what follows the rows
# A third of the time of level 6, for a tenth more bytes.
_COMPRESSION = 3
_ORDINAL_OF_SERIAL_0 = dt.date(1899, 12, 30).toordinal()

_LEADS_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")
_SPECIAL = re.compile(f"[&<>{NO_XML}]|_x[0-9A-Fa-f]{{4}}_")
# White space that a reader of XML may drop unless told to keep it.
_SPACED = re.compile(r"^ | $|  |[\t\r\n]")
_KEEP_SPACE = ' xml:space="preserve">'
# Texts of a row are looked at together, each behind a bar: none may need care, start a formula, or
# hold space to be custom_height.
_BAR = "¦"
_CAREFUL = re.compile(f"_x|{_BAR}[ =+@＝＋－＠-]| [ {_BAR}]| $")
_MARKUP = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | IN_PLACE
_NO_FRAME: Final = Frame()


def write_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Sequence[CellValue]],
    *,
    sheet_name: str,
    frame: Frame = _NO_FRAME,
    dropped: list[int] | None = None,
    fit: Callable[[], Sequence[Column]] | None = None,
) -> Iterator[bytes]:
    """A table as a workbook, in pieces of some hundred rows; ``frame`` stands around it.

    ``rows`` hold one value per column. Characters that XML forbids are dropped everywhere, texts
    end after 32,767 characters, None and empty text leave the cell empty. The numbers of rows that
    lost characters are added to ``dropped``. ``fit`` gives the same columns as wide as they shall
    be; as finding that out may take a while, it is asked behind the first piece. Raises
    SpreadsheetError behind 1,048,576 rows or 2 GB of text.
    """
    skeleton = skeleton_of(tuple(columns), sheet_name, frame)
    sink = Outlet()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, content in skeleton.parts.items():
            if name != WORKBOOK_PART:
                archive.writestr(name, content)
        yield sink.take()  # whoever waits sees that it has begun
        if fit:
            columns = fit()
            skeleton = skeleton_of(tuple(columns), sheet_name, frame)
        if frame.wrapped:
            chunks = _wrapped_rows(rows, columns, skeleton, frame, dropped)
        else:
            chunks = _row_chunks(rows, skeleton, dropped)
        last_row = skeleton.first_row - 1
        # No ZIP64, which a stream would have to announce before it knows the size: SheetJS finds
        # no rows in such a sheet.
        with archive.open(SHEET_PART, "w") as sheet:
            size = sheet.write(skeleton.before_rows.encode())
            for chunk, number in chunks:
                last_row = number
                size += sheet.write(chunk.encode())
                if size > _LARGEST_SHEET or number > LAST_ROW_OF_ALL:
                    raise refuse("too_much_for_a_workbook")
                if data := sink.take():
                    yield data
            sheet.write(_placed(skeleton.after_rows, last_row).encode())
        workbook = skeleton.parts[WORKBOOK_PART]
        archive.writestr(WORKBOOK_PART, workbook.decode().replace(LAST_ROW_MARK, str(last_row)))
    yield sink.take()


def _placed(xml: str, last_row: int) -> str:
    below = last_row + 1 - FIRST_BELOW
    xml = _ROW_BELOW.sub(lambda mark: str(int(mark[0]) + below), xml)
    return xml.replace(LAST_ROW_MARK, str(last_row))


def _row_chunks(
    rows: Iterable[Sequence[CellValue]], skeleton: Skeleton, dropped: list[int] | None
) -> Iterator[tuple[str, int]]:
    chunk: list[str] = []
    number, forms = skeleton.first_row - 1, skeleton.forms
    templates: dict[tuple[object, ...], _Template] = {}
    for number, row in enumerate(rows, start=skeleton.first_row):
        kinds = tuple([value.__class__ if value or value == 0 else None for value in row])
        template = templates.get(kinds)
        if template is None:
            template = templates[kinds] = _Template(kinds, forms)
        if not (xml := template.fill(number, row)):
            xml = _row(number, row, forms)
            if dropped is not None and any(map(loses_characters, row)):
                dropped.append(number)
        chunk.append(xml)
        if len(chunk) == _ROWS_PER_CHUNK:
            yield "".join(chunk), number
            chunk.clear()
    yield "".join(chunk), number


def _wrapped_rows(
    rows: Iterable[Sequence[CellValue]],
    columns: Sequence[Column],
    skeleton: Skeleton,
    frame: Frame,
    dropped: list[int] | None,
) -> Iterator[tuple[str, int]]:
    """Rows as high as their texts and a pen need.

    Excel would find the heights itself; other programs do not.
    """
    custom_height = ' customHeight="1"' if frame.row_height else ""
    for number, row in enumerate(rows, start=skeleton.first_row):
        xml = _row(number, row, skeleton.forms)
        if dropped is not None and any(map(loses_characters, row)):
            dropped.append(number)
        height = height_of(row, columns, frame)
        yield xml.replace(">", f' ht="{height}"{custom_height}>', 1), number


class _Template:
    """XML shared by all rows whose cells have the same kinds; only values are filled in.

    A row with a text that needs escaping beyond markup is left to ``_row``, with the same result.
    """

    def __init__(self, kinds: Sequence[object], forms: Sequence[CellForm]) -> None:
        # Positions in the row of all values and of texts; among all values, of texts and of days.
        cells, self._all, self._texts = [], [], []
        self._text_positions, self._days = [], []
        for at, (kind, form) in enumerate(zip(kinds, forms, strict=True)):
            if kind is None:
                if form.blank:
                    cells.append(f"{form.letters}\0{form.blank}")
                continue
            self._all.append(at)
            if isinstance(kind, type) and issubclass(kind, str):
                self._texts.append(at)
                self._text_positions.append(len(self._all) - 1)
                cells.append(f"{form.letters}\0{form.text}%s</t></is></c>")
            elif isinstance(kind, type) and issubclass(kind, dt.date):
                self._days.append(len(self._all) - 1)
                cells.append(f"{form.letters}\0{form.plain}%s</v></c>")
            else:
                opening = form.year if form.is_date else form.plain
                cells.append(f"{form.letters}\0{opening}%s</v></c>")
        self._xml = f'<row r="\0">{"".join(cells)}</row>'

    def fill(self, number: int, row: Sequence[CellValue]) -> str:
        joined = _BAR + _BAR.join([row[at] for at in self._texts])  # type: ignore[misc]  # the texts are strings
        if not joined.isprintable() or len(joined) > _LONGEST_TEXT or _CAREFUL.search(joined):
            return ""
        values = [row[at] for at in self._all]
        if _MARKUP.search(joined):
            spelled = _MARKUP.sub(_spelled, joined).split(_BAR)[1:]
            if len(spelled) != len(self._texts):
                return ""  # a text holds a bar of its own
            for at, text in zip(self._text_positions, spelled, strict=True):
                values[at] = text
        for at in self._days:
            values[at] = values[at].toordinal() - _ORDINAL_OF_SERIAL_0  # type: ignore[union-attr]  # the column holds days
        return self._xml.replace("\0", str(number)) % tuple(values)


def _row(number: int, row: Sequence[CellValue], forms: Sequence[CellForm]) -> str:
    cells = [f'<row r="{number}">']
    for form, value in zip(forms, row, strict=True):
        if value is None or value == "":
            if form.blank:
                cells.append(f"{form.letters}{number}{form.blank}")
        elif isinstance(value, str):
            cells.append(_text_cell(number, value, form))
        elif isinstance(value, dt.date):
            serial = value.toordinal() - _ORDINAL_OF_SERIAL_0
            cells.append(f"{form.letters}{number}{form.plain}{serial}</v></c>")
        else:
            opening = form.year if form.is_date else form.plain
            cells.append(f"{form.letters}{number}{opening}{value}</v></c>")
    cells.append("</row>")
    return "".join(cells)


def _text_cell(number: int, text: str, form: CellForm) -> str:
    if _SPECIAL.search(text) or len(text) > _LONGEST_TEXT:
        text = _SPECIAL.sub(_spelled, text[:_LONGEST_TEXT])
        if not text:
            return ""
    opening = form.quoted if text[:1] in _LEADS_FORMULA else form.text
    if _SPACED.search(text):
        opening = opening.removesuffix(">") + _KEEP_SPACE
    return f"{form.letters}{number}{opening}{text}</t></is></c>"


def _spelled(special: re.Match[str]) -> str:
    """XML for a special character, or nothing.

    ``_x0041_`` is how Excel spells a character by number; literal text of that form is escaped.
    """
    text = special[0]
    return f"_x005F{text}" if len(text) > 1 else _ENTITIES.get(text, "")
