"""Scores out to Excel and back in, and what comes after closing, on the pages."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from common.spreadsheets import open_sheets
from enrollment.choices import Mark
from enrollment.models import Completion
from enrollment.services.attendance import mark_everyone
from enrollment.services.completion import close_run
from enrollment.services.results import record_scores
from enrollment.sheets.scores import read_scores
from tests.courses.test_catalogue import sent_back
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = make_run(make_course(minimum_score=5, grading="ten_points"))
    for name in ("Phạm Văn An", "Lê Thị Bình"):
        make_enrollment(run, make_trainee(full_name=name))
    return run


@pytest.fixture
def trainer(client, run):
    client.force_login(make_trainer(run))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "vi"
    return client


@pytest.fixture
def office(client):
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def scores_of(run) -> list[Decimal | None]:
    return list(run.enrollments.in_roster_order().values_list("score", flat=True))


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_the_sheet_of_names_goes_in_again_with_its_scores(trainer, run):
    record_scores(by=OFFICE, run=run, scores={run.enrollments.earliest("id").pk: Decimal("7.25")})
    book = b"".join(trainer.get(f"/runs/{run.code}/closing/scores.xlsx").streaming_content)
    rows = [row.values for row in open_sheets(book)[0].rows()]
    assert [row[1] for row in rows] == ["Họ và tên", "Phạm Văn An", "Lê Thị Bình"]
    assert rows[1][3] == 7.25
    assert read_scores(book, run) == ({run.enrollments.earliest("id").pk: Decimal("7.25")}, [])


def test_scores_come_in_with_a_comma_or_a_point_and_blanks_change_nothing(trainer, run):
    file = SimpleUploadedFile("s.csv", csv("Họ và tên;Điểm", "Phạm Văn An;8,5", "Lê Thị Bình;"))
    trainer.post(f"/runs/{run.code}/closing/scores/file/", {"file": file})
    assert scores_of(run) == [Decimal("8.50"), None]


@pytest.mark.parametrize("bad", ["11", "-1", "giỏi", "8.555", "NaN", "1e3"])
def test_one_bad_score_saves_none_and_names_row_and_column(trainer, run, bad):
    file = SimpleUploadedFile("s.csv", csv("Họ và tên;Điểm", "Phạm Văn An;9", f"Lê Thị Bình;{bad}"))
    page = trainer.post(f"/runs/{run.code}/closing/scores/file/", {"file": file}, follow=True)
    assert scores_of(run) == [None, None]
    assert "3" in page.content.decode()
    _scores, problems = read_scores(
        csv("Họ và tên;Điểm", "Phạm Văn An;9", f"Lê Thị Bình;{bad}"), run
    )
    assert len(problems) == 1
    assert bad in problems[0]


def test_every_row_to_mend_is_named_at_once(run):
    lines = csv("Họ và tên;Điểm", "Người Lạ;9", "Phạm Văn An;12", "Lê Thị Bình;5", "Lê Thị Bình;6")
    _scores, problems = read_scores(lines, run)
    assert len(problems) == 3


def closed(run, *, score: str = "3"):
    first, second = run.enrollments.in_roster_order()
    record_scores(by=OFFICE, run=run, scores={first.pk: Decimal(8), second.pk: Decimal(score)})
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=run)
    return first, second


def test_a_resit_is_recorded_on_its_page(trainer, run):
    _first, second = closed(run)
    path = f"/runs/{run.code}/closing/resit/{second.pk}/"
    assert path in trainer.get(f"/runs/{run.code}/closing/").content.decode()
    assert trainer.post(path, {"score": "6", "sat_on": "2026-02-01"}).status_code == 400
    assert trainer.post(path, {"score": "6", "sat_on": "2026-03-20"}).status_code == 302
    assert Completion.objects.get(enrollment=second).completed_on == dt.date(2026, 3, 20)


def test_a_result_is_corrected_on_its_page_and_the_old_one_stays(office, run):
    first, _second = closed(run)
    old = Completion.objects.get(enrollment=first)
    path = f"/runs/{run.code}/closing/correct/{old.pk}/"
    form = sent_back(office.get(path).content)
    assert office.post(path, form | {"reason": "Nhầm"}).status_code == 400  # nothing changes
    assert office.post(path, form | {"score": "9", "reason": ""}).status_code == 400
    assert office.post(path, form | {"score": "9", "reason": "Nhập nhầm"}).status_code == 302
    new = Completion.objects.not_voided().get(enrollment=first)
    assert (new.score, new.corrects_id) == (Decimal(9), old.pk)
    assert Completion.objects.count() == 2


def test_a_scan_is_stored_once_and_can_be_downloaded(settings, tmp_path, trainer, run):
    settings.MEDIA_ROOT = tmp_path
    for _ in range(2):
        file = SimpleUploadedFile("ky-nhan.pdf", b"%PDF-1.7 signed")
        trainer.post(f"/runs/{run.code}/closing/scans/", {"file": file, "title": "Bảng ký nhận"})
    scan = run.paper_evidence.get()
    answer = trainer.get(f"/runs/{run.code}/closing/scans/{scan.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 signed"
    assert "attachment" in answer["Content-Disposition"]


def test_a_scan_is_a_pdf_or_a_picture(trainer, run):
    for file in (SimpleUploadedFile("x.html", b"<script>"), SimpleUploadedFile("x.pdf", b"")):
        trainer.post(f"/runs/{run.code}/closing/scans/", {"file": file})
    assert not run.paper_evidence.exists()
