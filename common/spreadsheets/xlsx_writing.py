"""Workbooks written as a stream: openpyxl makes the workbook, the rows are spliced into its sheet.

openpyxl builds styles, widths, filter, titles, page set-up and lists once, with a sample row; the
real rows are XML text, so that the first bytes leave at once and memory does not grow with the
rows. Text is always an inline string: nothing that a cell is given can become a formula.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from common.spreadsheets.columns import Column, Frame, Words, Written

if TYPE_CHECKING:
    from openpyxl.styles import Border
    from openpyxl.worksheet.worksheet import Worksheet

_SHEET_PART = "xl/worksheets/sheet1.xml"
_WORKBOOK_PART = "xl/workbook.xml"
_LAST_ROW_OF_ALL = 1_048_576
# Stand in the made workbook for rows that are known only when all have been written: the last
# one, and those below the table.
_LAST_ROW_MARK = "1048571"
_FIRST_BELOW = 1_048_001
_ROW_BELOW = re.compile(r'(?<=[A-Z"])10480\d\d(?=[":])')
_LONGEST_TEXT = 32_767
_LONGEST_LIST = 253
_ROWS_PER_CHUNK = 500
# A third of the time of level 6, for a tenth more bytes.
_COMPRESSION = 3
_ORDINAL_OF_SERIAL_0 = dt.date(1899, 12, 30).toordinal()

_LEADS_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")
_NO_XML = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_FORBIDDEN = re.compile(f"[{_NO_XML}]")
_SPECIAL = re.compile(f"[&<>{_NO_XML}]|_x[0-9A-Fa-f]{{4}}_")
# Texts of a row are looked at together, each behind a bar: none may need care, or start a formula.
_BAR = "¦"
_CAREFUL = re.compile(f"_x|{_BAR}[=+@＝＋－＠-]")
_MARKUP = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NO_FRAME: Final = Frame()


@dataclass(frozen=True, slots=True)
class _CellForm:
    """How one column opens its cells; the row's number stands between the two halves."""

    letters: str
    is_date: bool
    plain: str
    text: str
    quoted: str
    year: str
    blank: str


@dataclass(frozen=True, slots=True)
class _Skeleton:
    parts: dict[str, bytes]
    before_rows: str
    after_rows: str
    first_row: int
    forms: tuple[_CellForm, ...]


class _Sink:
    """A file that can only be written to, and emptied."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        self._buffer += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        data = bytes(self._buffer)
        self._buffer.clear()
        return data


def write_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Written]],
    *,
    sheet_name: str,
    frame: Frame = _NO_FRAME,
    dropped: list[int] | None = None,
) -> Iterator[bytes]:
    """A table as a workbook, in pieces of some hundred rows; ``frame`` stands around it.

    ``rows`` hold one value per column. Characters that XML forbids are dropped, texts end after
    32,767 characters, None and empty text leave the cell empty. The numbers of rows that lost
    characters are added to ``dropped``.
    """
    skeleton = _skeleton(tuple(columns), sheet_name, frame)
    sink = _Sink()
    with _archive(sink) as archive:
        for name, content in skeleton.parts.items():
            if name != _WORKBOOK_PART:
                archive.writestr(name, content)
        yield sink.take()  # whoever waits sees that it has begun
        last_row = skeleton.first_row - 1
        with archive.open(_SHEET_PART, "w", force_zip64=True) as sheet:
            sheet.write(skeleton.before_rows.encode())
            for chunk, number in _row_chunks(rows, skeleton, dropped):
                last_row = number
                sheet.write(chunk.encode())
                if data := sink.take():
                    yield data
            sheet.write(_placed(skeleton.after_rows, last_row).encode())
        workbook = skeleton.parts[_WORKBOOK_PART]
        archive.writestr(_WORKBOOK_PART, workbook.decode().replace(_LAST_ROW_MARK, str(last_row)))
    yield sink.take()


def _placed(xml: str, last_row: int) -> str:
    """The end of a sheet, with the numbers of the rows that are known by now."""
    below = last_row + 1 - _FIRST_BELOW
    xml = _ROW_BELOW.sub(lambda mark: str(int(mark[0]) + below), xml)
    return xml.replace(_LAST_ROW_MARK, str(last_row))


def _archive(sink: _Sink) -> zipfile.ZipFile:
    return zipfile.ZipFile(  # type: ignore[call-overload,no-any-return]  # the stubs know no streaming output
        sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION
    )


def _row_chunks(
    rows: Iterable[Sequence[Written]], skeleton: _Skeleton, dropped: list[int] | None
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
            if dropped is not None and _loses_characters(row):
                dropped.append(number)
        chunk.append(xml)
        if len(chunk) == _ROWS_PER_CHUNK:
            yield "".join(chunk), number
            chunk.clear()
    yield "".join(chunk), number


def _loses_characters(row: Sequence[Written]) -> bool:
    return any(isinstance(value, str) and _FORBIDDEN.search(value) for value in row)


class _Template:
    """All rows whose cells are of the same kinds share their XML; only values are filled in.

    A row with a text that needs a closer look is left to ``_row``, which spells the same.
    """

    def __init__(self, kinds: Sequence[object], forms: Sequence[_CellForm]) -> None:
        # Positions in the row of all values and of texts; among all values, of texts and of days.
        cells, self._all, self._texts = [], [], []
        self._text_places, self._days = [], []
        for at, (kind, form) in enumerate(zip(kinds, forms, strict=True)):
            if kind is None:
                if form.blank:
                    cells.append(f"{form.letters}\0{form.blank}")
                continue
            self._all.append(at)
            if isinstance(kind, type) and issubclass(kind, str):
                self._texts.append(at)
                self._text_places.append(len(self._all) - 1)
                cells.append(f"{form.letters}\0{form.text}%s</t></is></c>")
            elif isinstance(kind, type) and issubclass(kind, dt.date):
                self._days.append(len(self._all) - 1)
                cells.append(f"{form.letters}\0{form.plain}%s</v></c>")
            else:
                opening = form.year if form.is_date else form.plain
                cells.append(f"{form.letters}\0{opening}%s</v></c>")
        self._xml = f'<row r="\0">{"".join(cells)}</row>'

    def fill(self, number: int, row: Sequence[Written]) -> str:
        """The row as XML, or nothing if a text may not stand as it is."""
        said = _BAR + _BAR.join([row[at] for at in self._texts])  # type: ignore[misc]  # the texts are strings
        if not said.isprintable() or len(said) > _LONGEST_TEXT or _CAREFUL.search(said):
            return ""
        values = [row[at] for at in self._all]
        if _MARKUP.search(said):
            spelled = _MARKUP.sub(_spelled, said).split(_BAR)[1:]
            if len(spelled) != len(self._texts):
                return ""  # a text holds a bar of its own
            for at, text in zip(self._text_places, spelled, strict=True):
                values[at] = text
        for at in self._days:
            values[at] = values[at].toordinal() - _ORDINAL_OF_SERIAL_0  # type: ignore[union-attr]  # the column holds days
        return self._xml.replace("\0", str(number)) % tuple(values)


def _row(number: int, row: Sequence[Written], forms: Sequence[_CellForm]) -> str:
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


def _text_cell(number: int, text: str, form: _CellForm) -> str:
    if _SPECIAL.search(text) or len(text) > _LONGEST_TEXT:
        text = _SPECIAL.sub(_spelled, text[:_LONGEST_TEXT])
        if not text:
            return ""
    if text[:1] in _LEADS_FORMULA:
        return f"{form.letters}{number}{form.quoted}{text}</t></is></c>"
    return f"{form.letters}{number}{form.text}{text}</t></is></c>"


def _spelled(special: re.Match[str]) -> str:
    """What XML allows in place of a special character, or nothing.

    ``_x0041_`` is how Excel spells a character by its number; a text that looks so is spelled too.
    """
    text = special[0]
    return f"_x005F{text}" if len(text) > 1 else _ENTITIES.get(text, "")


@lru_cache(maxsize=64)
def _skeleton(columns: tuple[Column, ...], sheet_name: str, frame: Frame) -> _Skeleton:
    """The workbook around the rows, made by openpyxl from a heading and sample rows."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = re.sub(r"[\[\]:*?/\\']", " ", sheet_name)[:31] or "1"
    workbook.properties.creator = ""
    workbook.properties.title = sheet_name
    header = len(frame.above) + 1
    forms = _forms(sheet, columns, header)
    _head(sheet, columns, header, filtered=frame.filtered)
    _write_lines(sheet, frame.above, 1)
    _write_lines(sheet, frame.below, _FIRST_BELOW)
    _set_up_page(sheet, columns, header)
    _offer_choices(sheet, columns, header)
    saved = io.BytesIO()
    workbook.save(saved)
    return _cut(saved, forms, header)


def _write_lines(sheet: "Worksheet", lines: Sequence[Sequence[Words]], first_row: int) -> None:
    """Words above or below the table, each centred over its columns."""
    from openpyxl.styles import Alignment, Font

    for row, line in enumerate(lines, start=first_row):
        for words in line:
            cell = sheet.cell(row, words.first + 1, words.text)
            cell.data_type = "s"
            cell.font = Font("Times New Roman", words.size, bold=words.bold, italic=words.italic)
            cell.alignment = Alignment("center", "center", wrap_text=True)
            if words.last > words.first:
                sheet.merge_cells(None, row, words.first + 1, row, words.last + 1)


def _forms(sheet: "Worksheet", columns: Sequence[Column], header: int) -> tuple[_CellForm, ...]:
    """Lets openpyxl number the cell styles, with a sample cell for each."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    samples = {"text": "@", "quoted": "@", "date": "dd/mm/yyyy", "year": "0", "number": "General"}
    styles, ruled = {}, header > 1
    for row, (name, number_format) in enumerate(samples.items(), start=header + 1):
        cell = sheet.cell(row, 1, 0)
        cell.number_format = number_format
        cell.quotePrefix = name == "quoted"
        if ruled:  # a paper is printed with lines around its cells
            cell.font = Font("Times New Roman", 12)
            cell.border = _lines_around()
            cell.alignment = Alignment(vertical="center", wrap_text=True)
        styles[name] = cell.style_id
    return tuple(
        _CellForm(
            letters=f'<c r="{get_column_letter(index)}',
            is_date=column.kind == "date",
            plain=f'" s="{styles["date" if column.kind == "date" else "number"]}"><v>',
            text=f'" s="{styles["text"]}" t="inlineStr"><is><t xml:space="preserve">',
            quoted=f'" s="{styles["quoted"]}" t="inlineStr"><is><t xml:space="preserve">',
            year=f'" s="{styles["year"]}"><v>',
            blank=f'" s="{styles["text"]}"/>' if ruled else "",
        )
        for index, column in enumerate(columns, start=1)
    )


def _lines_around() -> "Border":
    from openpyxl.styles import Border, Side

    line = Side(style="thin")
    return Border(left=line, right=line, top=line, bottom=line)


def _head(sheet: "Worksheet", columns: Sequence[Column], header: int, *, filtered: bool) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    line = Border(bottom=Side(style="thin", color="7F7F7F"))
    for index, column in enumerate(columns, start=1):
        cell = sheet.cell(header, index, column.heading)
        cell.data_type = "s"  # a heading that begins with "=" is no formula either
        cell.font = Font(bold=True) if header == 1 else Font("Times New Roman", 12, bold=True)
        cell.fill = PatternFill("solid", fgColor="E7ECF3")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = line if header == 1 else _lines_around()
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = column.width
        if column.kind in ("text", "code"):
            dimension.number_format = "@"  # what is typed below the last row stays text as well
    sheet.row_dimensions[header].height = 33  # room for headings of two lines
    sheet.freeze_panes = f"A{header + 1}"
    if filtered:
        last = get_column_letter(len(columns))
        sheet.auto_filter.ref = f"A{header}:{last}{_LAST_ROW_MARK}"


def _set_up_page(sheet: "Worksheet", columns: Sequence[Column], header: int) -> None:
    """A4, landscape if the columns need it, as wide as the page, headings and numbers on each."""
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.properties import PageSetupProperties

    wide = sum(column.width for column in columns) > 90
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header}:{header}"
    sheet.print_options.gridLines = header == 1
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&P/&N"))


def _offer_choices(sheet: "Worksheet", columns: Sequence[Column], header: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for index, column in enumerate(columns, start=1):
        offered = ",".join(column.choices)
        if not offered or len(offered) > _LONGEST_LIST or offered.count(",") >= len(column.choices):
            continue
        quoted = offered.replace('"', '""')
        rule = DataValidation(
            type="list", formula1=f'"{quoted}"', allow_blank=True, errorStyle="warning"
        )
        letter = get_column_letter(index)
        rule.add(f"{letter}{header + 1}:{letter}{_LAST_ROW_OF_ALL}")
        sheet.add_data_validation(rule)


def _cut(saved: io.BytesIO, forms: tuple[_CellForm, ...], header: int) -> _Skeleton:
    """Cut the sheet behind the row of headings, and drop the sample rows below it."""
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = re.sub(r"<dimension[^>]*/>", "", parts.pop(_SHEET_PART).decode())
    start = xml.index(f'<row r="{header + 1}"')
    below = re.search(r'<row r="10480\d\d"', xml)
    end = below.start() if below else xml.index("</sheetData>")
    return _Skeleton(parts, xml[:start], xml[end:], header + 1, forms)
