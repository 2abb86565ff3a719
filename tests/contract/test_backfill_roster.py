"""Past results on paper, from the roster that an agency kept."""

import datetime as dt
from pathlib import Path

import pytest

from counting.counter import counted
from enrollment.models import Completion, Enrollment
from notices.models import Notice
from people.models import Trainee
from tests.common.workbooks import workbook
from tests.contract.conftest import ROSTERS, Run

pytestmark = pytest.mark.django_db

BEFORE_THE_CLASS = (
    "backfill_results", str(ROSTERS / "06-utf8-bom.csv"), "--run", "R1", "--agency", "min-bkhcn",
    "--completed-on", "2025-12-31",
)  # fmt: skip


@pytest.fixture
def scan(tmp_path: Path) -> str:
    path = tmp_path / "ket-qua.pdf"
    path.write_bytes(b"%PDF-1.7 scan")
    return str(path)


def test_a_roster_of_past_results_counts_and_tells_nobody(programme: Run, scan, settings) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    arguments = (
        "backfill_results", str(ROSTERS / "03-duplicates.xlsx"), "--run", "R1",
        "--agency", "min-bkhcn", "--scan", scan, "--completed-on", "2026-03-11",
    )  # fmt: skip
    assert programme(*arguments) == ({"rows": 14, "recorded": 12, "already": 0}, 0)
    assert programme(*arguments) == ({"rows": 14, "recorded": 0, "already": 12}, 0)
    assert set(Completion.objects.values_list("evidence", flat=True)) == {"paper"}
    assert counted(dt.date(2026, 3, 11)).persons == 12
    assert not Enrollment.objects.exists()
    assert not Notice.objects.exists()


def test_a_rejected_row_records_nothing_and_is_named(programme: Run, scan, capsys) -> None:
    answer, code = programme(
        "backfill_results", str(ROSTERS / "04-bad-rows.xlsx"), "--run", "R1",
        "--agency", "min-bkhcn", "--scan", scan,
    )  # fmt: skip
    assert (answer["error"]["code"], code) == ("rows_rejected", 1)
    assert not Completion.objects.exists()
    assert not Trainee.objects.exists()
    assert "3, " in capsys.readouterr().err.splitlines()[0]


def test_a_doubtful_birth_date_is_said_beside_the_answer(
    programme: Run,
    scan,
    tmp_path,
    capsys,
) -> None:
    path = tmp_path / "cu.csv"
    path.write_text("Họ và tên;Ngày sinh\nLê An;03/05/1980\nLê Bình;12/25/1980", "utf-8")
    arguments = ("--run", "R1", "--agency", "min-bkhcn", "--scan", scan)
    _answer, code = programme("backfill_results", str(path), *arguments)
    assert code == 1
    assert capsys.readouterr().err.count("Ngày sinh") == 1
    path.write_bytes(
        workbook(
            ["Họ và tên", "Ngày sinh"], ["Lê An", dt.date(1980, 5, 3)], ["Lê Bình", "25/12/1980"]
        )
    )
    assert programme("backfill_results", str(path), *arguments)[1] == 0
    assert capsys.readouterr().err.count("Ngày sinh") == 1


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_another_day_than_the_class_is_refused_without_a_reason(
    programme: Run, scan, reason: tuple[str, ...]
) -> None:
    answer, code = programme(*BEFORE_THE_CLASS, "--scan", scan, *reason)
    assert (answer["error"]["code"], code) == ("outside_class_days", 1)
    assert "10/03/2026" in answer["error"]["message"]
    assert not Completion.objects.exists()
    assert not Trainee.objects.exists()


def test_another_day_than_the_class_is_recorded_with_reason_and_scan(programme: Run, scan) -> None:
    arguments = (*BEFORE_THE_CLASS, "--scan", scan, "--reason", "Bảo vệ sớm")
    assert programme(*arguments)[0]["recorded"] == 9
    found = set(Completion.objects.values_list("completed_on", "day_reason", "paper__sha256"))
    assert {(day, reason) for day, reason, _scan in found} == {
        (dt.date(2025, 12, 31), "Bảo vệ sớm")
    }
    assert all(sha256 for _day, _reason, sha256 in found)


@pytest.mark.parametrize(
    ("day", "code"), [("1949-10-01", "too_early"), ("2999-01-01", "in_the_future")]
)
def test_an_impossible_day_is_refused_whatever_the_reason(
    programme: Run, scan, day: str, code: str
) -> None:
    arguments = (*BEFORE_THE_CLASS[:-1], day, "--scan", scan, "--reason", "Theo giấy")
    assert programme(*arguments)[0]["error"]["code"] == code
    assert not Completion.objects.exists()
