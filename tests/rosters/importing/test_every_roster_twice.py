"""Whatever a roster is sent through, and how often: it enters its people once."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.services import create_second_factor
from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment, PaperEvidence
from people.models import CandidatePair, Merge, Trainee, Transfer
from people.services.merges import merge
from rosters.models import RosterImport
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_run, make_user

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[2] / "data"
LONG = DATA / "rosters" / "05-five-thousand.xlsx"
SAMPLES = sorted(path for path in (DATA / "rosters").iterdir() if path != LONG)
# Rosters as senders make them, one habit in each.
CASES = sorted((DATA / "roster_cases").iterdir())
HEAD = ("Họ và tên", "Ngày sinh")
WAYS = ("import_roster", "backfill_results", "page")
ENTERED: tuple[type[Model], ...] = (
    Trainee,
    Enrollment,
    Completion,
    CandidatePair,
    PaperEvidence,
    Transfer,
)
Send = Callable[[str, Path], None]


@pytest.fixture
def past() -> CourseRun:
    make_agency("own")
    return make_run(code="PAST", state="open", capacity=6_000)


@pytest.fixture
def send(
    past: CourseRun,
    client: Client,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]],
) -> Send:
    """``send("page", path)``: the roster goes in by one of ``WAYS``, without its rejected rows."""

    def by_command(command: str, path: Path) -> None:
        scan = tmp_path / "scan.pdf"
        scan.write_bytes(b"%PDF-1.7 scan")
        options: dict[str, Any] = {"run": "PAST", "agency": "own", "json": True}
        options |= {"scan": scan} if command == "backfill_results" else {"partial": True}
        with suppress(SystemExit):  # rows were rejected, or nothing could be read
            call_command(command, path, **options)

    def by_page(path: Path) -> None:
        with django_capture_on_commit_callbacks(execute=True), path.open("rb") as file:
            answer = client.post(
                reverse("new_roster"), {"run": "PAST", "agency": "own", "file": file}
            )
        if answer.status_code == 302:  # else its name says that it is no roster
            upload = RosterImport.objects.latest("pk")
            with django_capture_on_commit_callbacks(execute=True):
                client.post(reverse("confirm_roster", args=[upload.pk]), {"partial": "1"})

    office = make_user("programme_office")
    create_second_factor(by=OFFICE, user=office)
    client.force_login(office)
    return lambda way, path: by_page(path) if way == "page" else by_command(way, path)


def entered() -> dict[str, list[dict[str, Any]]]:
    """Every row in full: a second time changes nothing of them either."""
    return {model.__name__: [*model._default_manager.order_by("pk").values()] for model in ENTERED}


def named(*paths: Path) -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", named(*SAMPLES))
def test_a_roster_sent_twice_enters_its_people_once(path: Path, way: str, send: Send) -> None:
    send(way, path)
    once = entered()
    send(way, path)
    assert entered() == once


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", named(LONG, *CASES))
def test_a_long_or_odd_roster_sent_twice_enters_its_people_once(
    path: Path, way: str, send: Send
) -> None:
    send(way, path)
    once = entered()
    send(way, path)
    assert entered() == once


@pytest.mark.full
@pytest.mark.parametrize("path", named(*SAMPLES, *CASES))
def test_a_roster_sent_by_one_way_after_another_enters_its_people_once(
    path: Path, send: Send
) -> None:
    for way in WAYS:
        send(way, path)
    people, results = Trainee.objects.count(), Completion.objects.count()
    for way in reversed(WAYS):
        send(way, path)
    assert (Trainee.objects.count(), Completion.objects.count()) == (people, results)


@pytest.fixture
def without_numbers(tmp_path: Path) -> Path:
    path = tmp_path / "giay.xlsx"
    path.write_bytes(
        workbook(HEAD, ("Nguyễn Văn An", "05/03/1980"), ("Trần Thị Hòa", 1979), ("Lê Đức", "1981"))
    )
    return path


@pytest.mark.parametrize("ways", list(product(WAYS, repeat=3)))
def test_people_without_numbers_are_recognised_whatever_step_entered_them(
    ways: tuple[str, ...], send: Send, without_numbers: Path
) -> None:
    for command in ways:
        send(command, without_numbers)
    assert Trainee.objects.count() == 3
    assert not CandidatePair.objects.exists()
    assert Completion.objects.count() == (3 if "backfill_results" in ways else 0)


def test_a_person_whose_result_was_voided_is_recognised(send: Send, without_numbers: Path) -> None:
    send("backfill_results", without_numbers)
    Completion.objects.update(voided_at=clock.now(), void_reason="x")
    send("backfill_results", without_numbers)
    assert Trainee.objects.count() == 3


def test_somebody_withdrawn_is_recognised_on_the_next_roster(
    send: Send, without_numbers: Path
) -> None:
    send("import_roster", without_numbers)
    Enrollment.objects.update(state="withdrawn")
    send("import_roster", without_numbers)
    assert Trainee.objects.count() == 3


def test_a_result_is_recorded_once_for_rows_that_were_merged(
    send: Send, without_numbers: Path
) -> None:
    send("backfill_results", without_numbers)
    absorbed = Trainee.objects.order_by("pk")[0]
    newer = Trainee.objects.create(
        full_name=absorbed.full_name, birth_date=absorbed.birth_date, agency=Agency.objects.get()
    )
    merge(by=OFFICE, survivor=newer, absorbed=absorbed)
    send("backfill_results", without_numbers)
    assert Merge.objects.count() == 1
    assert Completion.objects.count() == 3
