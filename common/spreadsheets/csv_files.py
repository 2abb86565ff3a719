"""CSV in and out. XLSX is the better way; this one is for programs, and for offices that must.

Written: UTF-8 with its mark, semicolons and decimal commas, which Excel opens with a double click
where the comma is the decimal sign, as in Vietnam (``FOR_EXCEL``); or without a mark, with commas,
decimal points and ISO days, as programs expect it (``FOR_PROGRAMS``). Excel elsewhere splits lines
by commas or tabs, and heeds no quotation mark that does not begin a cell. So in both every text
gets an apostrophe wherever it would start a formula: in front, and behind each sign and line end
that may begin a cell. Reading
takes exactly these apostrophes away again, so writing and reading are inverse to each other. A file
in which some text starts as a formula does, without an apostrophe, was not written so: there an
apostrophe is its sender's own.
"""

import codecs
import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from common.dates import format_date
from common.identity import legacy_remedy
from common.legacy_encodings import TCVN3, VNI, legacy_encoding
from common.spreadsheets.columns import CellValue, Column
from common.spreadsheets.errors import SpreadsheetError, refuse
from common.spreadsheets.sheets import ERROR_CODES, MAX_ROWS, CellError, Row, Sheet
from common.spreadsheets.xml_text import loses_characters, strip_invalid_xml


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is spelled for those who read it."""

    delimiter: str
    decimal_sign: str
    mark: bytes
    day: Callable[[dt.date], str]


FOR_EXCEL: Final = Dialect(";", ",", codecs.BOM_UTF8, format_date)
FOR_PROGRAMS: Final = Dialect(",", ".", b"", dt.date.isoformat)
_DELIMITERS = ";,\t|"
_LINES_FOR_SNIFFING = 60
_BYTES_FOR_GUESSING = 100_000
_ANY_SEPARATOR = re.compile(r'[;,\t|\r\n"]+')
_ROWS_PER_CHUNK = 500

# What starts a formula, also in full width; blanks and marks may stand in front of it.
_BLANKS, _SIGN = r"[\s\"'’]", r"[=+\-@＝＋－＠]"
_IN_FRONT = re.compile(f"{_BLANKS}*+{_SIGN}")
_BEFORE_SIGN = re.compile(f"(?<!{_BLANKS}){_BLANKS}*+(?={_SIGN})")
_BEGINS_CELL = (";", ",", "|")
_BETWEEN_CELLS = re.compile(r"[;,|\t\r\n]")
_BEGINS_CELL_AMONG_BLANKS = re.compile(r"[\t\r\n]")
_GUARD_AMONG_BLANKS = re.compile(r"(?<=[\t\r\n])'")
_TEXT_GUARD = re.compile(r'="((?:[^"]|"")*)"')
_SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n?|\n)", re.IGNORECASE)
_DIGITS_OF_A_ROW = 4  # a year at least: every row of a list has some number or date


def neutralise(text: str) -> str:
    """With an apostrophe before everything that would start a formula."""
    return _BEFORE_SIGN.sub(_guard, text) if _may_start_formula(text) else text


def restore(text: str) -> str:
    """Inverse of ``neutralise``."""
    return _BEFORE_SIGN.sub(_unguard, text) if "'" in text else text


def _may_start_formula(text: str) -> bool:
    return bool(_IN_FRONT.match(text) or _BETWEEN_CELLS.search(text))


def _guard(found: re.Match[str]) -> str:
    blanks = _BEGINS_CELL_AMONG_BLANKS.sub(r"\g<0>'", found[0])
    return f"'{blanks}" if _begins_cell(found) else blanks


def _unguard(found: re.Match[str]) -> str:
    blanks = found[0].removeprefix("'") if _begins_cell(found) else found[0]
    return _GUARD_AMONG_BLANKS.sub("", blanks)


def _begins_cell(found: re.Match[str]) -> bool:
    return found.start() == 0 or found.string[found.start() - 1] in _BEGINS_CELL


def csv_sheet(data: bytes, name: str) -> Sheet:
    text = _decode(data)
    delimiter = None
    if line := _SEPARATOR_LINE.match(text):
        delimiter = line[1]
        text = text[line.end() :]
    delimiter = delimiter or _delimiter(text)
    return Sheet(name=name, read_rows=lambda: _rows(text, delimiter))


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32"  # of which the first half looks like the mark of UTF-16
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _unreadable(data) from None


def _unreadable(data: bytes) -> SpreadsheetError:
    # The bytes of old Vietnamese fonts have a remedy of their own.
    text = data[:_BYTES_FOR_GUESSING].decode("cp1252", errors="replace")
    for cell in _ANY_SEPARATOR.split(text):
        if (encoding := legacy_encoding(cell)) in (VNI, TCVN3):
            return SpreadsheetError("legacy_encoding", legacy_remedy(encoding))
    return refuse("unknown_encoding")


def _delimiter(text: str) -> str:
    """The one that divides most of the first lines into equally many columns."""
    return max(_DELIMITERS, key=lambda sign: _table(text, sign))


def _table(text: str, delimiter: str) -> tuple[int, int]:
    """(lines, columns): how many of the first lines have the most frequent width."""
    lines = islice(io.StringIO(text[:100_000], newline=None), _LINES_FOR_SNIFFING)
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return 0, 0
    tables = [(count, width) for width, count in widths.items() if width > 1]
    return max(tables, default=(0, 0))


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    read_back = restore if _is_guarded(text, delimiter) else _without_text_guard
    for number, record in enumerate(_records(text, delimiter), start=1):
        if number > MAX_ROWS:
            raise refuse("too_many_rows")
        if any(record):
            yield Row(number, tuple(_value(read_back(value)) for value in record))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows of cells; refuses a stray quotation mark that swallows rows.

    The parser would accept it, and everybody down to the next mark would be lost silently.
    """
    is_over = False

    def lines() -> Iterator[str]:
        nonlocal is_over
        yield from io.StringIO(text, newline="")
        is_over = True

    reader = csv.reader(lines(), delimiter=delimiter)
    width = _table(text, delimiter)[1]
    row = last_line = 0
    try:
        for row, record in enumerate(reader, start=1):
            if is_over:  # the reader asked for one line more, to end a cell
                raise refuse("open_quotation", row=row)
            if reader.line_num > last_line + 1 and _holds_rows(record, delimiter, width):
                raise refuse("rows_in_quotation", row=row)
            last_line = reader.line_num
            yield record
    except csv.Error:  # a cell is longer than any program writes them
        if reader.line_num > last_line + 1:
            raise refuse("open_quotation", row=row + 1) from None
        raise refuse("damaged_file") from None


def _holds_rows(record: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a line inside a cell has as many columns as the table, and a number among them."""
    return width > 1 and any(
        line.count(delimiter) >= width - 1 and sum(map(str.isdigit, line)) >= _DIGITS_OF_A_ROW
        for cell in record
        if len(lines := cell.splitlines()) > 1
        for line in lines
    )


def _without_text_guard(text: str) -> str:
    # ``="0123"`` is how Excel keeps leading zeros in CSV.
    guarded = _TEXT_GUARD.fullmatch(text)
    return guarded[1].replace('""', '"') if guarded else text


def _value(text: str) -> str | CellError | None:
    return CellError(text) if text in ERROR_CODES else text or None


def _is_guarded(text: str, delimiter: str) -> bool:
    if "'" not in text:
        return False
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return all(neutralise(restore(cell)) == cell for record in reader for cell in record)
    except csv.Error:
        return True  # the error is raised where the rows are read


def write_csv(
    columns: Sequence[Column],
    rows: Iterable[Sequence[CellValue]],
    dialect: Dialect = FOR_EXCEL,
    *,
    dropped: list[int] | None = None,
) -> Iterator[bytes]:
    """A table as CSV, a few hundred rows at a time.

    It holds the characters that a workbook holds; the numbers of rows that lost some are added to
    ``dropped``, counted as there.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow([_written(column.heading, dialect) for column in columns])
    yield dialect.mark
    for number, row in enumerate(rows, start=2):
        writer.writerow([_written(value, dialect) for value in row])
        if dropped is not None and any(map(loses_characters, row)):
            dropped.append(number)
        if number % _ROWS_PER_CHUNK == 0:
            yield _take(buffer)
    yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _written(value: CellValue, dialect: Dialect) -> str:
    match value:
        case None:
            return ""
        case dt.date():
            return dialect.day(value)
        case str():
            return neutralise(strip_invalid_xml(value))
        case float():
            return str(value).replace(".", dialect.decimal_sign)
    return str(value)
