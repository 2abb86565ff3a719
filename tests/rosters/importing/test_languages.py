"""Findings are shown in their reader's language, whoever had the roster checked."""

import datetime as dt
import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import User
from common.encryption import box
from rosters.choices import Outcome
from rosters.importing import check_job, staging
from rosters.models import RosterImport, StagedPart
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_coordinator, make_run
from tests.rosters.desk import report_of

pytestmark = pytest.mark.django_db

FILE = workbook(
    ["Họ và tên", "Ngày sinh", "Điện thoại", "Bậc"],
    ["Lê Văn Cường", "31/02/1990", None, None],
    ["Nguyễn Văn An", "12/03/1980", "12", None],
    ["Nguyễn Văn An", "12/03/1980", None, None],
)
FOUND = {
    "vi": {
        "day": "Dòng 2, cột “Ngày sinh”: Không có ngày này; hãy ghi ngày/tháng/năm, ví dụ "
        "05/03/1980.",
        "phone": "Dòng 3, cột “Điện thoại”: Hãy ghi một số điện thoại gồm 10 chữ số, "
        "ví dụ 0912345678. Giá trị này bị bỏ qua.",
        "again": "Dòng 4, cột “Họ và tên”: Trùng với người ở dòng 3; không nhập thêm.",
        "note": "Các cột không được sử dụng (1): Bậc. Hãy chọn nội dung của từng cột.",
        "refused": "Tệp rỗng; hãy lưu lại danh sách và gửi tệp mới.",
    },
    "en": {
        "day": "Row 2, column “Ngày sinh”: This date does not exist; write day/month/year, as in "
        "05/03/1980.",
        "phone": "Row 3, column “Điện thoại”: Enter one telephone number of 10 digits, as in "
        "0912345678. The value was ignored.",
        "again": "Row 4, column “Họ và tên”: Same person as in row 3; not imported again.",
        "note": "Columns that are not used (1): Bậc. Choose what they contain.",
        "refused": "The file is empty; save the list again and send that file.",
    },
}


@pytest.fixture(params=["vi", "en"])
def put(request, django_capture_on_commit_callbacks) -> Callable[[bytes], RosterImport]:
    """Has a roster checked in one of the languages."""

    def checked(content: bytes) -> RosterImport:
        agency = make_agency()
        user = make_coordinator(agency)
        with (
            translation.override(request.param),
            django_capture_on_commit_callbacks(execute=True),
        ):
            staging.stage(
                by=user.as_actor(),
                user=user,
                run=make_run(ends_on=dt.date(2099, 1, 2)),
                agency=agency,
                file_name="roster.xlsx",
                content=content,
            )
        return RosterImport.objects.get()

    return checked


@pytest.fixture
def upload(put: Callable[[bytes], RosterImport]) -> RosterImport:
    return put(FILE)


def reader(upload: RosterImport, client: Client) -> Client:
    user = upload.uploaded_by
    assert isinstance(user, User)
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_shows_findings_in_the_language_of_its_reader(upload, client, language):
    response = reader(upload, client).get(
        reverse("roster", args=[upload.pk]), headers={"accept-language": language}
    )
    page = response.content.decode()
    assert all(FOUND[language][name] in page for name in ("day", "phone", "again", "note"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_row_opened_for_correction_too(upload, client, language):
    response = reader(upload, client).get(
        reverse("roster", args=[upload.pk]),
        {"edit": 2},
        headers={"accept-language": language},
    )
    assert FOUND[language]["day"] in response.content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_comments_are_in_the_language_of_who_fetches_the_workbook(upload, client, language):
    response = reader(upload, client).get(
        reverse("rejected_rows", args=[upload.pk]), headers={"accept-language": language}
    )
    sheet: Any = load_workbook(io.BytesIO(response.content)).active
    assert sheet["B2"].comment.text.endswith(FOUND[language]["day"])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_checking_again_in_another_language_finds_nothing_new(upload, language):
    before = list(upload.parts.values_list("content", flat=True))
    with translation.override(language):
        check_job.plan_again(upload)
    assert list(upload.parts.values_list("content", flat=True)) == before


def test_messages_stored_as_plain_text_stay_as_they_were(upload):
    """Until they are checked again; then only what was read from the cell is old."""
    part: StagedPart = upload.parts.get()
    rows, outcomes, said, _changes = json.loads(zlib.decompress(box().decrypt(bytes(part.content))))
    rows[0][2][0][2] = "Không có ngày này."
    said["2"][1][0][2] = "Dòng 2, cột “Ngày sinh”: Không có ngày này."
    part.content = box().encrypt(zlib.compress(json.dumps([rows, outcomes, said]).encode()))
    part.save()
    with translation.override("en"):
        assert errors_in(upload) == ["Dòng 2, cột “Ngày sinh”: Không có ngày này."]
        check_job.plan_again(upload)
        assert errors_in(upload) == ["Row 2, column “Ngày sinh”: Không có ngày này."]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_why_a_file_was_refused_too(put, client, language):
    refused = put(b"")
    response = reader(refused, client).get(
        reverse("roster", args=[refused.pk]), headers={"accept-language": language}
    )
    assert FOUND[language]["refused"] in response.content.decode()


def errors_in(upload: RosterImport) -> list[str]:
    report = report_of(upload)
    assert report is not None
    return [finding.message for result in report.results for finding in result.errors]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_command_prints_finished_sentences(tmp_path: Path, capsys, language):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(FILE)
    options = {"run": make_run().code, "agency": make_agency().slug, "json": True}
    with translation.override(language), pytest.raises(SystemExit):
        call_command("import_roster", str(path), **options)
    answer = json.loads(capsys.readouterr().out)
    assert answer["errors"] == [
        {
            "row": 2,
            "column": "Ngày sinh",
            "code": "date_impossible",
            "message": FOUND[language]["day"],
        }
    ]
    assert answer[Outcome.REJECTED] == 1
