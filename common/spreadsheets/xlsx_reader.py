"""Workbooks read a row at a time, with details that other readers omit.

calamine is fast, but it keeps a dense table (two distant cells exhaust the memory), reads every
number as a float and does not say which cells are formulas; openpyxl does, at a tenth of the
speed. Here the parts are cut at row ends, and only a piece at a time is in memory. What is
dangerous in XML and ZIP has been refused by ``containers`` before.
"""

import datetime as dt
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from common.spreadsheets.errors import refuse
from common.spreadsheets.row_marks import RowMarks, is_struck_text, struck_styles
from common.spreadsheets.row_shapes import Reader, RowShape, RowShapes
from common.spreadsheets.sheets import (
    MAX_COLUMNS,
    MAX_ROWS,
    CellError,
    Formula,
    MergedRange,
    Plain,
    Row,
    Sheet,
    Value,
)
from common.spreadsheets.xlsx_package import Package
from common.spreadsheets.xml_pieces import Piece, pieces

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
# How spreadsheet programs spell rows and cells, and what calls for a real parser.
_QUICK_ROW = re.compile(r'\s*<row r="(\d+)"[^<>/]*>')
_QUICK_CELL = re.compile(
    r'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(\w+)")?\s*(?:/>|>'
    r'(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
_MERGED = re.compile(rb"mergeCell [^>]*?ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")

_DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_NO_FORMAT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_EPOCH, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_SERIAL = 2958466  # 10000-01-01
_MOST_DAYS: Final = 20_000
_MOST_STRAYS: Final = 20  # cells far outside of the list; where there are more, the list goes on


@dataclass
class Workbook:
    package: Package
    _columns: dict[str, int] = field(default_factory=dict)
    _days: dict[str, Plain] = field(default_factory=dict)
    _strays: list[str] = field(default_factory=list)

    def sheets(self) -> list[Sheet]:
        parts = self.package.related(self.package.main, "worksheet")
        sheets = [
            self._sheet(tab, parts[relation])
            for tab in self._workbook.findall("{*}sheets/{*}sheet")
            if (relation := _relation(tab)) in parts
        ]
        if not sheets:
            is_whole = self.package.has_relations(self.package.main)
            raise refuse("no_worksheets" if is_whole else "damaged_file")
        return sheets

    def _sheet(self, tab: ET.Element, part: str) -> Sheet:
        strays: list[str] = []
        return Sheet(
            name=tab.get("name", ""),
            read_rows=lambda: self._rows(part, strays),
            read_merged=lambda: self._merged(part),
            hidden=tab.get("state", "visible") != "visible",
            read_strays=lambda: list(strays),
            epoch_shift=(self._epoch - _EPOCH).days,
        )

    def _rows(self, part: str, strays: list[str]) -> Iterator[Row]:
        self._strays = strays
        strays.clear()
        last, shapes = 0, RowShapes()
        for piece in pieces(self.package.chunks(part), "row", "sheetData"):
            marks = self._marks.of(piece)
            for number, values in self._quick_rows(piece, shapes):
                last = number or last + 1
                if last > MAX_ROWS and values:
                    self._skip(f"{column_letters(len(values) - 1)}{last}", "too_many_rows")
                elif values:
                    yield Row(last, values, marks[last]) if last in marks else Row(last, values)

    def _skip(self, cell: str, too_many: str) -> None:
        self._strays.append(cell)
        if len(self._strays) > _MOST_STRAYS:
            raise refuse(too_many)

    def _quick_rows(
        self, piece: Piece, shapes: RowShapes
    ) -> Iterator[tuple[int, tuple[Value, ...]]]:
        """Rows in the usual spelling are not parsed as XML, which is ten times faster.

        Any other spelling, a formula or an entity takes the slow path.
        """
        if piece.prefix:
            yield from self._parsed_rows(piece.elements())
            return
        whole, plain = piece.text(), piece.is_plain
        if plain and (rows := shapes.read_all(piece.content, whole)):
            yield from rows
            return
        for text in whole.split("</row>")[:-1]:
            if plain and (read := shapes.read(text)):
                yield read
                continue
            row, cells = _QUICK_ROW.match(text), _QUICK_CELL.findall(text)
            quick = "&" not in text and "\r" not in text and "<!" not in text
            if row and quick and len(cells) == text.count("<c"):
                if shapes.wants_more:
                    self._learn(shapes, text, cells)
                yield int(row[1]), self._quick_values(cells, row[1])
            else:
                yield from self._parsed_rows(piece.elements(f"{text}</row>".encode()))

    def _learn(
        self, shapes: RowShapes, text: str, cells: list[tuple[str, str, str, str, str]]
    ) -> None:
        filled = [cell for cell in cells if cell[3] or cell[4]]
        columns = [_column_index(letters.encode()) for letters, *_rest in filled]
        if not filled or columns != sorted(set(columns)) or columns[-1] >= MAX_COLUMNS:
            return
        readers = [
            self._reader(style, kind, bool(inline)) for _l, style, kind, _c, inline in filled
        ]
        shape = RowShape(text, list(zip(columns, readers, strict=True)))
        if shape.cells == len(filled):
            shapes.add(shape)

    def _reader(self, style: str, kind: str, inline: bool) -> Reader | None:
        if inline or kind == "str":
            return None  # a row with characters spelled by number is read cell by cell
        if (kind or "n") == "n":
            return self._day if style in self._date_styles else _number
        return lambda content: self._plain(kind, content, style)

    def _day(self, content: str) -> Plain:
        if content not in self._days:
            if len(self._days) > _MOST_DAYS:
                self._days.clear()
            number = _number(content)
            self._days[content] = number if isinstance(number, str) else self._date(number)
        return self._days[content]

    def _parsed_rows(self, rows: ET.Element) -> Iterator[tuple[int, tuple[Value, ...]]]:
        for row in rows:
            yield _whole(row.get("r")), self._values(row)

    def _quick_values(
        self, cells: list[tuple[str, str, str, str, str]], row: str
    ) -> tuple[Value, ...]:
        values: list[Value] = []
        columns = self._columns
        for letters, style, kind, content, inline in cells:
            if inline:
                value: Value = _unescape(inline)
            elif content:
                value = self._plain(kind or "n", content, style)
            else:
                continue
            if value is None:
                continue
            column = columns[letters] if letters in columns else self._column(letters)
            if column == len(values) and column < MAX_COLUMNS:
                values.append(value)
            elif column >= MAX_COLUMNS:
                self._skip(f"{letters}{row}", "too_many_columns")
            else:
                _put(values, column, value)
        return tuple(values)

    def _values(self, row: ET.Element) -> tuple[Value, ...]:
        values: list[Value] = []
        column, columns = -1, self._columns
        for cell in row:
            if reference := cell.get("r"):
                letters = reference.rstrip("0123456789")
                column = columns[letters] if letters in columns else self._column(letters)
            else:
                column += 1
            if len(cell) == 0 or (value := self._value(cell)) is None:
                continue
            if column >= MAX_COLUMNS:
                reference = f"{column_letters(column)}{row.get('r', '')}"
                self._skip(reference, "too_many_columns")
                continue
            _put(values, column, value)
        return tuple(values)

    def _column(self, letters: str) -> int:
        if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
            raise refuse("damaged_file")
        self._columns[letters] = column = _column_index(letters.upper().encode())
        return column

    def _value(self, cell: ET.Element) -> Value:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(cell.find("is")) or None
        content, is_formula = None, False
        for child in cell:
            if child.tag == "v":
                content = child.text
            elif child.tag == "f":
                is_formula = True
        plain = self._plain(kind, content, cell.get("s")) if content else None
        return Formula(plain) if is_formula else plain

    def _plain(self, kind: str, content: str, style: str | None) -> Plain:
        match kind:
            case "s":
                texts, index = self._shared_texts, _whole(content)
                return (texts[index] if index < len(texts) else "") or None
            case "str":
                return _unescape(content)
            case "b":
                return content == "1"
            case "e":
                return CellError(content)
            case "d":
                return _iso_date(content)
        return self._day(content) if style in self._date_styles else _number(content)

    def _date(self, serial: float) -> Plain:
        if not 1 <= serial < _LAST_SERIAL:
            return serial
        moment = self._epoch + dt.timedelta(days=serial)
        # Fractions of a day are binary: what is within a second of midnight is midnight.
        moment = (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)
        return moment.date() if moment.time() == dt.time.min else moment

    def _merged(self, part: str) -> list[MergedRange]:
        before, ranges = b"", []
        for chunk in self.package.chunks(part):
            if b"mergeCell " in before + chunk:
                ranges += _MERGED.findall(before + chunk)
            before = chunk[-200:]
        return [
            MergedRange(int(top), _column_index(left), int(bottom), _column_index(right))
            for left, top, right, bottom in dict.fromkeys(ranges)
        ]

    @cached_property
    def _workbook(self) -> ET.Element:
        main = self.package.read(self.package.main)
        if main.tag.rpartition("}")[2] != "workbook":
            raise refuse("not_a_spreadsheet")
        return main

    @cached_property
    def _epoch(self) -> dt.datetime:
        properties = self._workbook.find("{*}workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        return _EPOCH_1904 if is_1904 else _EPOCH

    @cached_property
    def _shared_texts(self) -> list[str]:
        if not (name := self.package.main_sibling("sharedStrings")):
            return []
        found = pieces(self.package.chunks(name), "si", "sst")
        return [_text(item) for piece in found for item in piece.elements()]

    @cached_property
    def _styles(self) -> ET.Element:
        name = self.package.main_sibling("styles")
        return self.package.read(name) if name else ET.Element("styleSheet")

    @cached_property
    def _date_styles(self) -> frozenset[str]:
        own = {
            _whole(form.get("numFmtId")): _is_date_format(form.get("formatCode", ""))
            for form in self._styles.findall("{*}numFmts/{*}numFmt")
        }
        formats = [_whole(xf.get("numFmtId")) for xf in self._styles.findall("{*}cellXfs/{*}xf")]
        return frozenset(
            str(style)
            for style, number in enumerate(formats)
            if own.get(number, number in _DATE_FORMATS)
        )

    @cached_property
    def _marks(self) -> RowMarks:
        return RowMarks(struck_styles(self._styles), self._struck_texts)

    @cached_property
    def _struck_texts(self) -> frozenset[str]:
        name = self.package.main_sibling("sharedStrings")
        if not name or not any(b"strike" in chunk for chunk in self.package.chunks(name)):
            return frozenset()
        items = (
            item
            for piece in pieces(self.package.chunks(name), "si", "sst")
            for item in piece.elements()
        )
        return frozenset(str(at) for at, item in enumerate(items) if is_struck_text(item))


def _put(values: list[Value], column: int, value: Value) -> None:
    missing = column - len(values)
    if missing < 0:
        values[column] = value
    else:
        values.extend([None] * missing)
        values.append(value)


def _relation(tab: ET.Element) -> str | None:
    return next((value for key, value in tab.attrib.items() if key.endswith("}id")), None)


def _text(item: ET.Element | None) -> str:
    if item is None:
        return ""
    if len(item) == 1 and item[0].tag == "t":
        return _unescape(item[0].text or "")
    runs = (run.find("t") if run.tag == "r" else run for run in item if run.tag in ("r", "t"))
    return _unescape("".join(run.text or "" for run in runs if run is not None))


def _unescape(text: str) -> str:
    """Undoes Excel's spelling (``_x000D_``) of characters that XML forbids."""
    if "_x" not in text:
        return text
    # What would be half a character (D800 to DFFF) is none.
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text).encode(errors="ignore").decode()


def _number(content: str) -> int | float | str:
    if content.isascii() and content.isdigit() and len(content) <= 15:
        return int(content)
    try:
        number = float(content)
    except ValueError:
        return content
    if not math.isfinite(number):
        return content
    return int(number) if abs(number) < 1e15 and number.is_integer() else number


def _whole(content: str | None) -> int:
    return int(content) if content and content.isascii() and content.isdigit() else 0


def _iso_date(content: str) -> Plain:
    try:
        moment = dt.datetime.fromisoformat(content).replace(tzinfo=None)
    except ValueError:
        return content
    return moment.date() if moment.time() == dt.time.min else moment


def _is_date_format(code: str) -> bool:
    letters = _NO_FORMAT_CODE.sub("", code.split(";", maxsplit=1)[0]).lower()
    return "d" in letters or "y" in letters


def _column_index(letters: bytes) -> int:
    """0 for column A."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def column_letters(column: int) -> str:
    """``A`` for 0, ``AB`` for 27."""
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters
