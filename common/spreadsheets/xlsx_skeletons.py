"""The workbook around the rows, made by openpyxl: styles, widths, titles, page set-up, lists."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from common.spreadsheets.columns import Column, Frame, Words
from common.spreadsheets.page_layout import (
    BOTTOM,
    LEFT,
    RIGHT,
    TABLE_POINTS,
    TOP,
    height_of_heads,
    height_of_line,
    page_of,
    points_of,
)
from common.spreadsheets.xml_text import strip_invalid_xml

if TYPE_CHECKING:
    from openpyxl.cell.rich_text import CellRichText
    from openpyxl.styles import Border
    from openpyxl.worksheet.worksheet import Worksheet

SHEET_PART: Final = "xl/worksheets/sheet1.xml"
WORKBOOK_PART: Final = "xl/workbook.xml"
# Stand in the made workbook for rows that are known only when all have been written: the last
# one, and those below the table.
LAST_ROW_MARK: Final = "1048571"
_STYLES_PART: Final = "xl/styles.xml"
FIRST_BELOW: Final = 1_048_001
LAST_ROW_OF_ALL = 1_048_576
_LONGEST_LIST = 253
_MM_PER_INCH = 25.4
_FONT = "Times New Roman"
_USUAL_FONT = (
    f'<font><name val="{_FONT}"/><family val="1"/><sz val="{TABLE_POINTS}"/></font>'.encode()
)


@dataclass(frozen=True, slots=True)
class CellForm:
    """XML that opens a cell of one column: ``letters``, the row number, then one of the others."""

    letters: str
    is_date: bool
    plain: str
    text: str
    quoted: str
    year: str
    blank: str


@dataclass(frozen=True, slots=True)
class Skeleton:
    parts: dict[str, bytes]
    before_rows: str
    after_rows: str
    first_row: int
    forms: tuple[CellForm, ...]


@lru_cache(maxsize=64)
def skeleton_of(columns: tuple[Column, ...], sheet_name: str, frame: Frame) -> Skeleton:
    from openpyxl import Workbook

    columns, frame, sheet_name = (
        _legible(columns),
        _around(frame),
        strip_invalid_xml(sheet_name),
    )
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = re.sub(r"[\[\]:*?/\\']", " ", sheet_name)[:31] or "1"
    workbook.properties.creator = ""
    workbook.properties.title = sheet_name
    header = len(frame.above) + 1
    forms = _forms(sheet, columns, frame)
    _head(sheet, columns, frame)
    _write_lines(sheet, frame.above, 1, columns)
    _write_lines(sheet, frame.below, FIRST_BELOW, columns)
    _set_up_page(sheet, columns, frame)
    _offer_choices(sheet, columns, header)
    saved = io.BytesIO()
    workbook.save(saved)
    return _cut(saved, forms, header)


def _legible(columns: Sequence[Column]) -> tuple[Column, ...]:
    return tuple(
        replace(
            column,
            heading=strip_invalid_xml(column.heading),
            choices=tuple(map(strip_invalid_xml, column.choices)),
        )
        for column in columns
    )


def _around(frame: Frame) -> Frame:
    above, below = (
        tuple(
            tuple(
                replace(
                    words,
                    text=strip_invalid_xml(words.text),
                    under=strip_invalid_xml(words.under),
                )
                for words in line
            )
            for line in lines
        )
        for lines in (frame.above, frame.below)
    )
    return replace(frame, above=above, below=below)


def _write_lines(
    sheet: "Worksheet",
    lines: Sequence[Sequence[Words]],
    first_row: int,
    columns: Sequence[Column],
) -> None:
    from openpyxl.styles import Alignment, Font

    for row, line in enumerate(lines, start=first_row):
        for words in line:
            cell = sheet.cell(row, words.first + 1)
            cell.value = _rich(words) if words.under else words.text
            cell.data_type = "s"
            cell.font = Font(_FONT, words.size, bold=words.bold, italic=words.italic)
            vertical: Literal["top", "bottom"] = "top" if words.at_top else "bottom"
            cell.alignment = Alignment("center", vertical, wrap_text=True)
            if words.last > words.first:
                sheet.merge_cells(None, row, words.first + 1, row, words.last + 1)
        if line:
            sheet.row_dimensions[row].height = height_of_line(line, columns)


def _rich(words: Words) -> "CellRichText":
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    own = InlineFont(rFont=_FONT, sz=words.size, b=words.bold, i=words.italic)
    under = InlineFont(rFont=_FONT, sz=words.size, i=True)
    return CellRichText(TextBlock(own, words.text), TextBlock(under, f"\n{words.under}"))


def _forms(sheet: "Worksheet", columns: Sequence[Column], frame: Frame) -> tuple[CellForm, ...]:
    # openpyxl numbers the cell styles, by one sample cell each.
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    samples = {"text": "@", "quoted": "@", "date": "dd/mm/yyyy", "year": "0", "number": "General"}
    styles, ruled = {}, bool(frame.above)
    for row, (name, number_format) in enumerate(samples.items(), start=len(frame.above) + 2):
        cell = sheet.cell(row, 1, 0)
        cell.number_format = number_format
        cell.quotePrefix = name == "quoted"
        cell.font = Font(_FONT, points_of(frame))
        across = None if number_format == "@" else "center"
        cell.alignment = Alignment(across, "center", wrap_text=frame.wrapped)
        if ruled:  # a paper is printed with lines around its cells
            cell.border = _lines_around()
        styles[name] = cell.style_id
    return tuple(
        CellForm(
            letters=f'<c r="{get_column_letter(index)}',
            is_date=column.kind == "date",
            plain=f'" s="{styles["date" if column.kind == "date" else "number"]}"><v>',
            text=f'" s="{styles["text"]}" t="inlineStr"><is><t>',
            quoted=f'" s="{styles["quoted"]}" t="inlineStr"><is><t>',
            year=f'" s="{styles["year"]}"><v>',
            blank=f'" s="{styles["text"]}"/>' if ruled else "",
        )
        for index, column in enumerate(columns, start=1)
    )


def _lines_around() -> "Border":
    from openpyxl.styles import Border, Side

    line = Side(style="thin")
    return Border(left=line, right=line, top=line, bottom=line)


def _head(sheet: "Worksheet", columns: Sequence[Column], frame: Frame) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    is_paper, header, points = bool(frame.above), len(frame.above) + 1, points_of(frame)
    line = Border(bottom=Side(style="thin", color="7F7F7F"))
    for index, column in enumerate(columns, start=1):
        cell = sheet.cell(header, index, column.heading)
        cell.data_type = "s"  # a heading that begins with "=" is no formula either
        cell.font = Font(_FONT, points, bold=True)
        cell.fill = PatternFill("solid", fgColor="E7ECF3")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _lines_around() if is_paper else line
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = column.width
        if column.kind in ("text", "code"):
            dimension.number_format = "@"  # what is typed below the last row stays text as well
    sheet.row_dimensions[header].height = height_of_heads(columns, points)
    sheet.freeze_panes = f"A{header + 1}"
    if not is_paper:
        last = get_column_letter(len(columns))
        sheet.auto_filter.ref = f"A{header}:{last}{LAST_ROW_MARK}"


def _set_up_page(sheet: "Worksheet", columns: Sequence[Column], frame: Frame) -> None:
    # A4 as Decree 30/2020 asks: margins, headings on each page, numbers from the second on.
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.pagebreak import Break, ColBreak
    from openpyxl.worksheet.properties import PageSetupProperties

    page, header = page_of(columns, frame), len(frame.above) + 1
    left, right, top, bottom = (side / _MM_PER_INCH for side in (LEFT, RIGHT, TOP, BOTTOM))
    sheet.page_margins = PageMargins(left, right, top, bottom, header=top / 2, footer=bottom / 2)
    sheet.page_setup.orientation = "landscape" if page.is_landscape else "portrait"
    sheet.page_setup.paperSize = 9
    if page.breaks:
        sheet.page_setup.scale = page.scale
        sheet.col_breaks = ColBreak(brk=[Break(column) for column in page.breaks])
    else:
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header}:{header}"
    if page.breaks and page.repeated:
        sheet.print_title_cols = f"A:{get_column_letter(page.repeated)}"
    sheet.print_options.gridLines = header == 1
    sheet.HeaderFooter.differentFirst = True
    number = _HeaderFooterPart("&P", f"{_FONT},Regular", 13)
    sheet.HeaderFooter.oddHeader = HeaderFooterItem(center=number)


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
        rule.add(f"{letter}{header + 1}:{letter}{LAST_ROW_OF_ALL}")
        sheet.add_data_validation(rule)


def _cut(saved: io.BytesIO, forms: tuple[CellForm, ...], header: int) -> Skeleton:
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    # The first font is the usual one, by whose figures the widths of columns are counted.
    parts[_STYLES_PART] = re.sub(rb"<font>.*?</font>", _USUAL_FONT, parts[_STYLES_PART], count=1)
    xml = re.sub(r"<dimension[^>]*/>", "", parts.pop(SHEET_PART).decode())
    start = xml.index(f'<row r="{header + 1}"')
    below = re.search(r'<row r="10480\d\d"', xml)
    end = below.start() if below else xml.index("</sheetData>")
    return Skeleton(parts, xml[:start], xml[end:], header + 1, forms)
