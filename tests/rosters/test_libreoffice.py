"""LibreOffice opens our files, saves them, and our reader finds the same."""

import datetime as dt
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from audit.services import SYSTEM
from common.spreadsheets import CellValue, Formula, open_sheets, write_csv, write_xlsx
from enrollment.models import Enrollment
from rosters.choices import Outcome
from rosters.exporting.columns import roster_columns
from rosters.exporting.lists import export_roster
from rosters.importing.importer import check_roster, import_roster, read
from rosters.importing.rows import read_roster
from rosters.importing.senders import office
from tests.factories import make_agency, make_run
from tests.rosters.any_roster import OWN_COLUMNS

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not shutil.which("soffice"), reason="needs libreoffice-calc"),
]

ROSTERS = Path(__file__).parents[1] / "data" / "rosters"
# Those that hold people; the others are refused as what they are.
SAMPLES = sorted(path.name for path in ROSTERS.iterdir() if path.name[:2] <= "06")

PEOPLE: list[list[CellValue]] = [
    ["HV-23456789", "Nguyễn Thị Ánh", dt.date(1980, 3, 5), "Nữ", "*********456", "0912345678",
     "anh@example.gov.vn", "Chuyên viên", "Vụ Tổ chức cán bộ", "Cán bộ", "=1+1"],
    ["HV-BCDFGHJK", "H'Hen Niê", 1991, "Nữ", "066191123456", "+6621234567",
     None, "+ Tổ trưởng", '"A"; B, C', "Chuyên gia", "@SUM(A1)"],
    ["HV-MNPQRSTV", "Đỗ Ý", dt.date(2001, 12, 31), "Nam", "001201000123", "0387654321",
     "y@example.gov.vn", "-", "00123", None, "dòng 1\ndòng 2"],
]  # fmt: skip


# Semicolon, quotation mark, UTF-8, from the first line on; every column is text, as it must be
# said to any program that opens a CSV file.
CSV = "59,34,76,1," + "/".join(f"{column}/2" for column in range(1, 12))


def convert(path, to, folder, csv=CSV):
    """The file as LibreOffice saves it; ``csv`` is how it reads a CSV file."""
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    target = f"{to}:Text - txt - csv (StarCalc):59,34,76" if to == "csv" else to
    if path.suffix == ".csv":
        command.append(f"--infilter=Text - txt - csv (StarCalc):{csv}")
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
def test_a_workbook_survives_libreoffice(saved_as, tmp_path):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(b"".join(write_xlsx(roster_columns(OWN_COLUMNS), PEOPLE, sheet_name="1")))
    assert people_in(convert(path, saved_as, tmp_path)) == people_in(path)


def test_a_csv_file_survives_libreoffice(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes(b"".join(write_csv(roster_columns(OWN_COLUMNS), PEOPLE)))
    assert people_in(convert(path, "csv", tmp_path)) == people_in(path)


def test_libreoffice_sees_no_formula(tmp_path):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(b"".join(write_xlsx(roster_columns(OWN_COLUMNS), PEOPLE, sheet_name="1")))
    for row in open_sheets(convert(path, "xlsx", tmp_path))[0].rows():
        assert not [value for value in row.values if isinstance(value, Formula)]


@pytest.fixture
def desk():
    """Where samples go in: a class, and who sends its people."""
    return make_run(), make_agency()


def entered(name, desk):
    """How many rows of the sample are rejected; the others have been imported."""
    run, agency = desk
    roster = read(ROSTERS / name, name, run)
    return import_roster(
        by=SYSTEM, roster=roster, run=run, sender=office(agency), partial=True
    ).rejected  # fmt: skip


def found_in(path, desk):
    """Outcome → how many rows of a file have it."""
    run, agency = desk
    report = check_roster(roster=read(path, path.name, run), run=run, sender=office(agency))
    return Counter(result.outcome for result in report.results)


@pytest.mark.django_db
@pytest.mark.parametrize("saved_as", ["xlsx", "csv"])
@pytest.mark.parametrize("name", SAMPLES)
def test_what_came_out_and_was_saved_again_changes_nothing(name, saved_as, desk, tmp_path):
    entered(name, desk)
    path, places = tmp_path / "roster.xlsx", Enrollment.objects.all()
    path.write_bytes(
        b"".join(export_roster(by=SYSTEM, run=desk[0], enrollments=places, form="xlsx"))
    )
    again = convert(path, saved_as, tmp_path)
    assert found_in(again, desk) == {Outcome.UNCHANGED: places.count()}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in SAMPLES if name.endswith(".xlsx")])
def test_a_sample_saved_again_changes_nothing(name, desk, tmp_path):
    rejected = entered(name, desk)
    found = found_in(convert(ROSTERS / name, "xlsx", tmp_path), desk)
    assert found[Outcome.REJECTED] == rejected
    assert found.total() == rejected + found[Outcome.UNCHANGED]
