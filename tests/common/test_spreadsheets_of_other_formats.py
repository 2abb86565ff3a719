"""What many offices still have: .xls and OpenDocument, read to the same table."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from common.errors import DomainError
from common.spreadsheets import open_sheets
from common.spreadsheets.highlights import can_mark
from rosters.importing.rows import read_roster

SAMPLES = Path(settings.BASE_DIR, "tests", "data", "spreadsheets")
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def opendocument(rows: str) -> bytes:
    content = (
        f'<office:document-content xmlns:office="{OFFICE}" xmlns:table="{TABLE}" '
        f'xmlns:text="{TEXT}"><office:body><office:spreadsheet><table:table table:name="A">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return file.getvalue()


@pytest.mark.parametrize("name", ["list.xls", "list.ods"])
def test_the_cells_are_those_that_were_written(name):
    (sheet,) = open_sheets(SAMPLES / name)
    assert sheet.name == "Danh sách"
    assert [row.values for row in sheet.rows()] == [
        ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Điện thoại"),
        (1, "Trần Văn Bảy", dt.date(1980, 3, 5), "Nam", "001080123456", 912345678),
        (2, "Lê Thị Sáu", dt.date(1985, 7, 9), "Nữ", "001185123457", "0987654321"),
    ]


@pytest.mark.parametrize("name", ["list.xls", "list.ods"])
def test_a_roster_goes_in_as_it_would_from_a_new_workbook(name):
    roster = read_roster(SAMPLES / name, name, bare_birth_years=True)
    assert [row.values.full_name for row in roster.rows] == ["Trần Văn Bảy", "Lê Thị Sáu"]
    assert not roster.errors
    assert not can_mark((SAMPLES / name).read_bytes())


def test_cells_that_repeat_a_million_times_exhaust_no_memory():
    text = "<text:p>x</text:p></table:table-cell>"
    cells = f'<table:table-cell table:number-columns-repeated="16384">{text}'
    bomb = f'<table:table-row table:number-rows-repeated="1048576">{cells}</table:table-row>'
    with pytest.raises(DomainError) as refused:
        list(open_sheets(opendocument(bomb))[0].rows())
    assert refused.value.message


def test_a_document_type_in_an_opendocument_is_refused():
    with pytest.raises(DomainError) as refused:
        open_sheets(opendocument("<!DOCTYPE x>"))
    assert refused.value.code in {"has_entities", "damaged_file"}
