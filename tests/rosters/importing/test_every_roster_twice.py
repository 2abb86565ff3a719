"""Whatever a roster is sent through, and how often: it enters its people once."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment, PaperEvidence
from people.models import CandidatePair, Merge, Trainee
from people.services.merges import merge
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_run

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[2] / "data" / "rosters"
# The longest one adds minutes and no kind of row.
READABLE = sorted(path for path in SAMPLES.iterdir() if not path.name.startswith("05-"))
HEAD = ("Họ và tên", "Ngày sinh")


@pytest.fixture
def past() -> CourseRun:
    make_agency("own")
    return make_run(code="PAST", state="open")


def send(command: str, path: Path, folder: Path) -> None:
    scan = folder / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 scan")
    options: dict[str, Any] = {"run": "PAST", "agency": "own", "json": True}
    options |= {"scan": scan} if command == "backfill_results" else {"partial": True}
    try:
        call_command(command, path, **options)
    except SystemExit:
        return  # rows were rejected, or nothing could be read


def rows_written() -> dict[str, int]:
    models = (Trainee, Enrollment, Completion, CandidatePair, PaperEvidence)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.parametrize("command", ["import_roster", "backfill_results"])
@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_a_sample_sent_twice_enters_its_people_once(
    path: Path, command: str, past: CourseRun, tmp_path: Path
) -> None:
    send(command, path, tmp_path)
    once = rows_written()
    send(command, path, tmp_path)
    assert rows_written() == once


@pytest.fixture
def without_numbers(tmp_path: Path) -> Path:
    path = tmp_path / "giay.xlsx"
    path.write_bytes(
        workbook(HEAD, ("Nguyễn Văn An", "05/03/1980"), ("Trần Thị Hòa", 1979), ("Lê Đức", "1981"))
    )
    return path


@pytest.mark.parametrize("ways", sorted(permutations(["import_roster", "backfill_results"] * 2, 3)))
def test_people_without_numbers_are_recognised_whatever_step_entered_them(
    ways: tuple[str, ...], past: CourseRun, without_numbers: Path, tmp_path: Path
) -> None:
    for command in ways:
        send(command, without_numbers, tmp_path)
    assert Trainee.objects.count() == 3
    assert not CandidatePair.objects.exists()
    assert Completion.objects.count() == (3 if "backfill_results" in ways else 0)


def test_a_person_whose_result_was_voided_is_recognised(
    past: CourseRun, without_numbers: Path, tmp_path: Path
) -> None:
    send("backfill_results", without_numbers, tmp_path)
    Completion.objects.update(voided_at=clock.now(), void_reason="x")
    send("backfill_results", without_numbers, tmp_path)
    assert Trainee.objects.count() == 3


def test_somebody_withdrawn_is_recognised_on_the_next_roster(
    past: CourseRun, without_numbers: Path, tmp_path: Path
) -> None:
    send("import_roster", without_numbers, tmp_path)
    Enrollment.objects.update(state="withdrawn")
    send("import_roster", without_numbers, tmp_path)
    assert Trainee.objects.count() == 3


def test_a_result_is_recorded_once_for_rows_that_were_merged(
    past: CourseRun, without_numbers: Path, tmp_path: Path
) -> None:
    send("backfill_results", without_numbers, tmp_path)
    absorbed = Trainee.objects.order_by("pk")[0]
    newer = Trainee.objects.create(
        full_name=absorbed.full_name, birth_date=absorbed.birth_date, agency=Agency.objects.get()
    )
    merge(by=OFFICE, survivor=newer, absorbed=absorbed)
    send("backfill_results", without_numbers, tmp_path)
    assert Merge.objects.count() == 1
    assert Completion.objects.count() == 3
