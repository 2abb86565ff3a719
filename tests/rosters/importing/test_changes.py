"""Before confirming a roster its sender sees who is on it and what it changes of known people."""

import datetime as dt
import zlib

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common.encryption import box
from rosters.choices import ImportState
from rosters.importing import check_job
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_enrollment, make_trainee, make_user
from tests.rosters.desk import Desk

pytestmark = pytest.mark.django_db

HEADINGS = ["Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Chức vụ", "Đơn vị", "Điện thoại"]
NUMBER = "001080123456"
WHO = ["Nguyễn Văn An", "12/03/1980", "Nam", NUMBER]
PROMOTED = [*WHO, "Thứ trưởng", "Văn phòng Bộ", "0912345678"]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    """An agency's coordinator with a run to send people to."""
    return Desk(django_capture_on_commit_callbacks)


def known(agency, **said):
    defaults = {"full_name": "Nguyễn Văn An", "sex": "male", "birth_date": dt.date(1980, 3, 12)}
    return make_trainee(agency=agency, **(defaults | {"personal_number": NUMBER} | said))


@pytest.fixture
def shown(desk, client):
    """The rows of an upload's page as somebody sees them, by default its sender."""

    def rows(upload, user=None):
        client.force_login(user or desk.user)
        return client.get(reverse("roster", args=[upload.pk])).context["rows"]

    return rows


def changes(row):
    return {change["label"]: (change["before"], change["after"]) for change in row["changes"]}


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def test_who_is_new_is_seen_with_all_that_was_read_but_the_number(desk, shown):
    (row,) = shown(desk.put(workbook(HEADINGS, PROMOTED)))
    assert row["summary"] == ["12/03/1980 · Male · *********456", "Thứ trưởng · Văn phòng Bộ"]
    assert row["changes"] == []


def test_a_change_is_shown_field_by_field_before_and_after(desk, shown):
    known(desk.agency, position="Chuyên viên", unit="Văn phòng Bộ", phone="")
    (row,) = shown(desk.put(workbook(HEADINGS, PROMOTED)))
    assert changes(row) == {
        "Position": ("Chuyên viên", "Thứ trưởng"),
        "Phone": ("–", "0912345678"),
    }


def test_a_row_that_only_enrolls_somebody_says_so(desk, shown):
    known(desk.agency, position="Chuyên viên")
    (row,) = shown(desk.put(workbook(HEADINGS, [*WHO, "Chuyên viên"])))
    assert (row["only_enters"], row["changes"]) == (True, [])
    (row,) = shown(desk.put(workbook(HEADINGS, PROMOTED)))
    assert row["only_enters"] is False


def test_a_birth_date_instead_of_a_year_and_a_new_number_are_shown(desk, shown):
    person = known(desk.agency, birth_date=None, birth_year=1980, personal_number=None)
    row = ["Nguyễn Văn An", "12/03/1980", NUMBER, person.code]
    headings = ["Họ và tên", "Ngày sinh", "Số CCCD", "Mã học viên"]
    (row,) = shown(desk.put(workbook(headings, row)))
    assert changes(row) == {
        "Birth date": ("1980", "12/03/1980"),
        "Personal number": ("–", "*********456"),
    }


def test_changed_details_of_an_enrollment_are_shown(desk, shown):
    person = known(desk.agency, position="Vụ trưởng")
    make_enrollment(desk.run, person, sending_agency=desk.agency, position="Vụ phó", remarks="x")
    headings, row = [*HEADINGS[:5], "Ghi chú"], [*PROMOTED[:5], "y" * 300]
    (row,) = shown(desk.put(workbook(headings, row)))
    assert changes(row) == {"Position": ("Vụ phó", "Thứ trưởng"), "Note": ("x", "y" * 250)}


def test_old_values_of_another_agencys_person_are_not_shown_to_the_sender(desk, shown):
    other = make_agency(name_vi="Bộ Khác")
    known(other, position="Chuyên viên", unit="Văn phòng Bộ", phone="0987654321")
    upload = desk.put(workbook(HEADINGS, PROMOTED))
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    assert changes(shown(upload)[0]) == changes(shown(upload, office)[0]) == {}
    assert changes(shown(desk.enter(upload))[0]) == {}


def test_the_import_rewrites_no_row_and_the_page_still_shows_changes(desk, shown):
    known(desk.agency, position="Chuyên viên")
    upload = desk.put(workbook(HEADINGS, PROMOTED))
    told = changes(shown(upload)[0])
    with CaptureQueriesContext(connection) as queries:
        upload = desk.enter(upload)
    written = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "rosters_stagedpart"')]
    assert written
    assert not any('"content"' in sql for sql in written)
    assert upload.state == ImportState.IMPORTED
    assert changes(shown(upload)[0]) == told


def test_rows_stored_without_changes_are_shown_and_get_them_when_checked_again(desk, shown):
    known(desk.agency, position="Chuyên viên")
    upload = desk.put(workbook(HEADINGS, PROMOTED))
    part = upload.parts.get()
    whole = orjson.loads(zlib.decompress(box().decrypt(bytes(part.content))))
    part.content = box().encrypt(zlib.compress(orjson.dumps(whole[:3])))
    part.save()
    (row,) = shown(upload)
    assert row["summary"][1] == "Thứ trưởng · Văn phòng Bộ"
    assert (row["changes"], row["only_enters"]) == ([], False)
    check_job.plan_again(upload)
    assert "Position" in changes(shown(upload)[0])
