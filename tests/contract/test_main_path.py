"""The main job on the sample rosters, by the commands alone; figures agree with each other."""

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from accounts.models import User
from audit.models import AuditEntry
from enrollment.models import Enrollment
from people.models import Trainee
from tests.contract.conftest import ROSTERS, Run

pytestmark = pytest.mark.django_db
COUNTS = ("rows", "created", "matched", "unchanged", "candidates", "rejected")


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[key] for key in COUNTS)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("01-official-letter.xlsx", (24, 24, 0, 0, 0, 0)),
        ("02-split-name-nfd.xlsx", (18, 18, 0, 0, 0, 0)),
        ("03-duplicates.xlsx", (14, 12, 0, 2, 0, 0)),
        ("06-utf8-bom.csv", (9, 9, 0, 0, 0, 0)),
    ],
)
def test_a_sample_roster_goes_in_whole(
    take_in: Run, sample: str, expected: tuple[int, ...]
) -> None:
    report, code = take_in(sample)
    assert (counts(report), code) == (expected, 0)
    assert Trainee.objects.count() == report["created"]


def test_people_of_an_earlier_roster_are_matched_not_entered_again(take_in: Run) -> None:
    take_in("01-official-letter.xlsx")
    report, _code = take_in("03-duplicates.xlsx")
    assert counts(report) == (14, 10, 0, 4, 0, 0)


@pytest.mark.parametrize(
    "sample",
    ["01-official-letter.xlsx", "02-split-name-nfd.xlsx", "03-duplicates.xlsx", "06-utf8-bom.csv"],
)
def test_the_same_file_a_second_time_changes_nothing(take_in: Run, sample: str) -> None:
    take_in(sample)
    before = list(Trainee.objects.values()), list(Enrollment.objects.values())
    report, _code = take_in(sample)
    assert report["unchanged"] == report["rows"]
    assert (list(Trainee.objects.values()), list(Enrollment.objects.values())) == before


def test_bad_rows_are_all_listed_at_once_and_nothing_is_written(take_in: Run) -> None:
    report, code = take_in("04-bad-rows.xlsx")
    assert sorted({error["row"] for error in report["errors"]}) == [3, 4, 5, 7, 10, 11, 12, 13]
    assert sorted({warning["row"] for warning in report["warnings"]}) == [6, 8, 9]
    assert (report["rejected"], code) == (8, 1)
    assert not Trainee.objects.exists()


def test_rejected_rows_come_back_marked_in_the_senders_own_workbook(
    take_in: Run, tmp_path: Path
) -> None:
    target = tmp_path / "rejects.xlsx"
    report, _code = take_in("04-bad-rows.xlsx", "--rejects", str(target))
    (sheet,) = load_workbook(target).worksheets
    (sent,) = load_workbook(ROSTERS / "04-bad-rows.xlsx").worksheets
    assert list(sheet.values) == list(sent.values)
    said = {(cell.row, cell.comment.text) for row in sheet.rows for cell in row if cell.comment}
    assert {row for row, _text in said} == {error["row"] for error in report["errors"]}
    for error in report["errors"]:
        assert any(error["message"] in text for row, text in said if row == error["row"])
    red = {cell.fill.fill_type for row in sheet.rows for cell in row if cell.comment}
    assert red == {"solid"}


def test_partial_writes_the_good_rows(take_in: Run) -> None:
    report, code = take_in("04-bad-rows.xlsx", "--partial")
    assert (counts(report), code) == ((12, 4, 0, 0, 0, 8), 1)
    assert Trainee.objects.count() == 4


def test_the_dry_run_tells_what_the_real_run_does_and_writes_nothing(take_in: Run) -> None:
    told, _code = take_in("03-duplicates.xlsx", "--dry-run")
    assert not Trainee.objects.exists()
    done, _code = take_in("03-duplicates.xlsx")
    assert told == done


def test_every_finding_names_row_column_code_and_a_sentence(take_in: Run) -> None:
    report, _code = take_in("04-bad-rows.xlsx")
    for finding in [*report["errors"], *report["warnings"]]:
        assert list(finding) == ["row", "column", "code", "message"]
        assert str(finding["row"]) in finding["message"]


def test_no_finding_repeats_a_personal_number(take_in: Run) -> None:
    for sample in ("01-official-letter.xlsx", "04-bad-rows.xlsx"):
        assert not re.search(r"\d{9,12}", str(take_in(sample)[0]))


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("07-html-named-xlsx.xlsx", "html_file"),
        ("08-empty.xlsx", "empty_file"),
        ("09-no-known-columns.xlsx", "no_known_columns"),
        ("10-truncated.xlsx", "damaged_file"),
        ("11-zip-bomb.xlsx", "zip_bomb"),
        ("12-entity-bomb.xlsx", "has_entities"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_one_sentence(
    take_in: Run, sample: str, code: str
) -> None:
    answer, exit_code = take_in(sample)
    assert (answer["error"]["code"], exit_code) == (code, 1)
    assert answer["error"]["message"].count(".") <= 3
    assert not Trainee.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--run", "NOPE", "--agency", "min-btc"), "unknown_run"),
        (("--run", "R1", "--agency", "nope"), "unknown_agency"),
    ],
)
def test_unknown_codes_are_told_in_one_line(
    programme: Run, arguments: tuple[str, ...], code: str
) -> None:
    answer, exit_code = programme("import_roster", "no-such-file.xlsx", *arguments)
    assert (answer["error"]["code"], exit_code) == (code, 1)


@pytest.fixture
def finished(take_in: Run, programme: Run) -> Run:
    """61 people of the samples, all present, completed, with certificates."""
    for sample in ("01-official-letter.xlsx", "02-split-name-nfd.xlsx", "03-duplicates.xlsx"):
        take_in(sample)
    programme("record_attendance", "--run", "R1", "--everyone", "present")
    programme("record_completions", "--run", "R1")
    return programme


def test_completions_people_and_targets_agree(finished: Run) -> None:
    answer, _code = finished("record_completions", "--run", "R1")
    assert answer == {"completed": 0, "not_completed": 0, "already": 52}
    figure, _code = finished("progress", "--by", "agency")
    assert (figure["persons"], figure["completions"]) == (52, 52)
    assert figure["by_sector"] == {"state_agency": 52, "state_corporation": 0}
    assert sum(group["persons"] for group in figure["groups"]) == 52
    assert [target["persons"] for target in figure["targets"]] == [0, 52]
    assert [target["minimum"] for target in figure["targets"]] == [100, 1000]


@pytest.mark.parametrize("by", ["agency", "sector", "kind", "month"])
def test_groups_partition_the_people(finished: Run, by: str) -> None:
    figure, _code = finished("progress", "--by", by, "--as-it-is-today")
    assert sum(group["persons"] for group in figure["groups"]) == figure["persons"] == 52


def test_the_day_before_the_class_nobody_is_counted(finished: Run) -> None:
    figure, _code = finished("progress", "--as-of", "2026-03-10")
    assert figure["persons"] == 0


def test_explain_agrees_with_the_count(finished: Run) -> None:
    for trainee in Trainee.objects.all()[:5]:
        answer, _code = finished("explain", trainee.code)
        assert answer["counted"] is True


def test_everything_reconciles_and_the_record_is_intact(finished: Run) -> None:
    assert finished("reconcile")[1] == 0
    assert finished("verify_audit")[1] == 0
    assert AuditEntry.objects.filter(action="roster_imported").count() == 3


def test_certificates_are_one_file_each_and_verify(finished: Run, settings: Any) -> None:
    answer, _code = finished("issue_certificates", "--run", "R1")
    assert answer == {"issued": 52, "already": 0, "held_back": []}
    files = sorted(Path(settings.MEDIA_ROOT).rglob("*.pdf"))
    assert len(files) == 52
    assert finished("verify_certificate", str(files[0]))[0]["state"] == "valid"
    again, _code = finished("issue_certificates", "--run", "R1")
    assert again == {"issued": 0, "already": 52, "held_back": []}
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.pdf"))) == 52


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_an_exported_roster_comes_back_without_a_change(
    finished: Run, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / f"roster{ending}"
    finished("export_roster", "--run", "R1", "--output", str(target))
    report, code = finished("import_roster", str(target), "--run", "R1", "--agency", "min-bkhcn")
    assert (counts(report), code) == ((52, 0, 0, 52, 0, 0), 0)


def test_the_export_masks_every_personal_number(finished: Run, tmp_path: Path) -> None:
    target = tmp_path / "roster.csv"
    finished("export_roster", "--run", "R1", "--output", str(target))
    text = target.read_text("utf-8-sig")
    numbers = [trainee.personal_number for trainee in Trainee.objects.all()]
    assert numbers[0]
    assert not any(number in text for number in numbers)
    assert "*********" in text


def test_nobody_gets_an_account_or_a_message_by_an_import(take_in: Run) -> None:
    take_in("03-duplicates.xlsx")
    assert not User.objects.exists()
