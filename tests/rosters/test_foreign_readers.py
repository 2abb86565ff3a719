"""Each workbook that we export has the same cells for the libraries that other programs use."""

import datetime as dt
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas
import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from audit.models import AuditEntry
from audit.services import SYSTEM
from audit.services.exports import export_audit_log
from certificates.models import Certificate
from certificates.register_documents import register_xlsx
from common.spreadsheets import Column, FileForm, open_sheets, write_xlsx
from enrollment.models import Enrollment
from enrollment.sheets.scores import write_scores
from lms.demo.programme import make_demo
from lms.reference import load_reference
from people.models import Trainee
from rosters.choices import Paper
from rosters.exporting.lists import export_matrix, export_people, export_roster
from rosters.fields import ROSTER_KEYS
from targets.models import PeriodReport
from targets.sheets import annex
from tests.rosters.test_libreoffice import convert
from tests.validators.node import install

pytestmark = [pytest.mark.full, pytest.mark.django_db]

Cells = list[list[str]]
LISTS: dict[str, Any] = {"people": export_people, "matrix": export_matrix}
# For LibreOffice: comma, quotation mark, UTF-8, from the first line on, every column text.
PLAIN_CSV = "44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 60))
HARD = ["=1+1", "'", " a ", "dòng 1\ndòng 2", "<b>&amp;</b>", "001201000123", "Đỗ Ý"]


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    """A file for each kind of workbook that the product makes."""
    load_reference(by=SYSTEM)
    make_demo(people=60, seed=3)
    run = Certificate.objects.latest("pk").completion.run
    sender = Certificate.objects.latest("pk").completion.sending_agency
    seated = Enrollment.objects.filter(run=run)
    about: dict[str, Any] = {"by": SYSTEM, "form": "xlsx"}
    kinds: dict[str, Iterable[bytes]] = {
        paper: export_roster(run=run, agency=sender, enrollments=seated, paper=paper, **about)
        for paper in Paper
    } | {
        "every column": export_roster(
            enrollments=Enrollment.objects.all(), fields=ROSTER_KEYS, **about
        ),
        **{name: export(people=Trainee.objects.all(), **about) for name, export in LISTS.items()},
        "scores": write_scores(run),
        "register": register_xlsx(Certificate.objects.in_register_order()),
        "audit log": export_audit_log(entries=AuditEntry.objects.all(), asked={}, **about),
        "annex": [annex(PeriodReport.objects.latest("pk"))],
        "hard texts": write_xlsx(
            [Column("text", "Chữ"), Column("day", "Ngày", "date")],
            [(text, dt.date(1990, 2, 28)) for text in HARD],
            sheet_name="Danh sách",
        ),
    }
    return [_written(tmp_path / f"{name}.xlsx", pieces) for name, pieces in kinds.items()]


def _written(path: Path, pieces: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(pieces))
    return path


def _text(value: Any) -> str:
    """One spelling of what the libraries give for the same cell."""
    if value is None or value != value:  # NaN, as pandas spells a blank cell
        return ""
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float | int):
        return f"{value:g}"
    return str(value).replace("\r\n", "\n")


def _cells(rows: Iterable[Iterable[Any]]) -> Cells:
    """Rows without the blank cells and rows at their ends, which libraries count differently."""
    table = [[_text(value) for value in row] for row in rows]
    for row in table:
        while row and not row[-1]:
            row.pop()
    while table and not table[-1]:
        table.pop()
    return table


def _by_libraries(path: Path) -> dict[str, Cells]:
    table = pandas.read_excel(
        path, engine="openpyxl", header=None, dtype=object, keep_default_na=False
    )
    return {
        "openpyxl": _cells(load_workbook(path).worksheets[0].values),
        "pandas": _cells(table.to_numpy().tolist()),
        "our reader": _cells(
            row for row in _all_rows(open_sheets(path.read_bytes(), path.name)[0].rows())
        ),
    }


def _all_rows(rows: Iterable[Any]) -> Iterable[Iterable[Any]]:
    """With the blank rows that our reader passes over."""
    last = 0
    for row in rows:
        yield from ([] for _ in range(row.number - last - 1))
        yield row.values
        last = row.number


def _by_node(paths: list[Path], folder: Path) -> dict[Path, dict[str, Cells]]:
    install("spreadsheets", folder)
    read = ["node", "read.mjs", *map(str, paths)]
    run = subprocess.run(read, cwd=folder, check=True, capture_output=True, text=True, timeout=300)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    return {
        Path(answer.pop("path")): {library: _cells(rows) for library, rows in answer.items()}
        for answer in answers
    }


def test_every_library_reads_the_same_cells(
    exports: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = _by_node(exports, tmp_path_factory.mktemp("node"))
    for path in exports:
        wanted = _cells(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())
        assert len(wanted) > 1, path.name
        for library, cells in (_by_libraries(path) | elsewhere[path]).items():
            assert cells == wanted, f"{path.name} as {library} reads it"


@pytest.mark.parametrize("name", LISTS)
def test_programs_read_a_plain_csv_as_they_read_the_workbook(
    exports: list[Path], tmp_path: Path, name: str
) -> None:
    book = next(path for path in exports if path.stem == name)
    plain = tmp_path / f"{name}.csv"
    _written(plain, LISTS[name](people=Trainee.objects.all(), by=SYSTEM, form=FileForm.PLAIN_CSV))
    wanted = _cells(CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python())
    table = pandas.read_csv(plain, header=None, dtype=str, keep_default_na=False)
    saved = convert(plain, "xlsx", tmp_path, csv=PLAIN_CSV)
    found = {
        "pandas": _cells(table.to_numpy().tolist()),
        "our reader": _cells(row.values for row in open_sheets(plain)[0].rows()),
        "LibreOffice": _cells(CalamineWorkbook.from_path(saved).get_sheet_by_index(0).to_python()),
    }
    assert found == dict.fromkeys(found, wanted)
