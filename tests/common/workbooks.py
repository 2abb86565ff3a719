"""Workbooks for tests, some of which no spreadsheet program would write."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(*rows: Sequence[Any], merged: Iterable[str] = (), title: str = "Sheet") -> bytes:
    """A workbook of one sheet; None leaves a cell empty."""
    book: Any = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    return saved(book)


def opened(data: bytes) -> Any:
    """The workbook as openpyxl reads it."""
    return load_workbook(io.BytesIO(data))


def saved(book: Any) -> bytes:
    """The bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(data: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """The workbook with parts put in, replaced, or (None) taken out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return file.getvalue()


def with_sheet(sheet_data: str, head: str = f'<worksheet xmlns="{MAIN}">') -> bytes:
    """A workbook whose only sheet is this XML."""
    return with_parts(workbook(), {SHEET: f"{head}{sheet_data}</worksheet>".encode()})


def part(data: bytes, name: str) -> str:
    """The XML of one part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()
