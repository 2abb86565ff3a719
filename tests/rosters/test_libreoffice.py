"""LibreOffice opens what we write, saves it again, and nothing has changed for our reader."""

import datetime as dt
import shutil
import subprocess

import pytest

from common.spreadsheets import write_csv, write_xlsx
from rosters.layouts import EXPORT_HEADINGS, export_columns
from rosters.sheets import read_roster

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not shutil.which("soffice"), reason="needs libreoffice-calc"),
]

PEOPLE = [
    ["HV-23456789", "Nguyễn Thị Ánh", dt.date(1980, 3, 5), "Nữ", "*********456", "0912345678",
     "anh@example.gov.vn", "Chuyên viên", "Vụ Tổ chức cán bộ", "=1+1"],
    ["HV-BCDFGHJK", "H'Hen Niê", 1991, "Nữ", "066191123456", "+6621234567",
     None, "+ Tổ trưởng", '"A"; B, C', "@SUM(A1)"],
    ["HV-MNPQRSTV", "Đỗ Ý", dt.date(2001, 12, 31), "Nam", "001201000123", "0387654321",
     "y@example.gov.vn", "-", "00123", "dòng 1\ndòng 2"],
]  # fmt: skip


def convert(path, to, folder):
    """The file as LibreOffice saves it."""
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    # 59 is the semicolon, 34 the quotation mark, 76 UTF-8.
    target = f"{to}:Text - txt - csv (StarCalc):59,34,76" if to == "csv" else to
    subprocess.run(
        [*command, "--convert-to", target, "--outdir", str(folder / to), str(path)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / to / f"{path.stem}.{to}"


def people_in(path):
    roster = read_roster(path, path.name, bare_birth_years=True)
    assert not roster.errors
    return [row.values for row in roster.rows]


@pytest.mark.parametrize("saved_as", ["xlsx", "csv"])
@pytest.mark.parametrize("written_as", ["xlsx", "csv"])
def test_a_roster_survives_libreoffice(written_as, saved_as, tmp_path):
    columns = export_columns(EXPORT_HEADINGS)
    path = tmp_path / f"roster.{written_as}"
    if written_as == "xlsx":
        path.write_bytes(b"".join(write_xlsx(columns, PEOPLE, sheet_name="Lớp 1")))
    else:
        path.write_bytes(b"".join(write_csv(columns, PEOPLE)))
    assert people_in(convert(path, saved_as, tmp_path)) == people_in(path)
