"""Uploaded rosters by the API: what was found, who is missing, and the import."""

import pytest

from enrollment.models import Enrollment
from rosters.choices import ImportState
from tests.api.conftest import Visitor
from tests.common.workbooks import workbook
from tests.rosters.desk import Desk

pytestmark = pytest.mark.django_db

HEADINGS = ["Họ và tên", "Ngày sinh"]
AN, BINH = ["Nguyễn Văn An", "12/03/1980"], ["Trần Thị Bình", "01/02/1990"]
CUONG = ["Lê Văn Cường", "03/04/1985"]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    desk = Desk(django_capture_on_commit_callbacks)
    desk.enter(desk.put(workbook(HEADINGS, AN, BINH, CUONG)))
    return desk


@pytest.fixture
def upload(desk):
    return desk.put(workbook(HEADINGS, AN))


@pytest.fixture
def visitor(desk):
    return Visitor(desk.user)


def code_of(name: str) -> str:
    return Enrollment.objects.get(trainee__full_name=name).trainee.code


def withdrawn() -> dict[str, str]:
    gone = Enrollment.objects.filter(state="withdrawn")
    return dict(gone.values_list("trainee__full_name", "withdrawal_reason"))


def test_a_roster_says_who_is_missing(upload, visitor):
    body = visitor.get(f"rosters/{upload.pk}/").json()
    assert body["counts"]["unchanged"] == 1
    assert [one["full_name"] for one in body["missing"]] == ["Trần Thị Bình", "Lê Văn Cường"]


def test_the_missing_stay_by_default(upload, visitor, desk):
    with desk.at_once():
        assert visitor.post(f"rosters/{upload.pk}/import/", {}).status_code == 200
    assert desk.again(upload).state == ImportState.IMPORTED
    assert withdrawn() == {}


def test_all_or_one_of_them_are_withdrawn_with_a_reason(upload, visitor, desk):
    one = {"trainee": code_of("Trần Thị Bình"), "reason": "Nghỉ thai sản"}
    body = {"missing": "withdraw", "reason": "Đổi người", "withdraw": [one]}
    with desk.at_once():
        assert visitor.post(f"rosters/{upload.pk}/import/", body).status_code == 200
    assert withdrawn() == {"Trần Thị Bình": "Nghỉ thai sản", "Lê Văn Cường": "Đổi người"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"missing": "withdraw"}, "reason"),
        ({"reason": "Đổi người"}, "reason"),
        ({"missing": "withdraw", "reason": "Số 001080123456"}, "reason"),
        ({"withdraw": [{"trainee": "HV-AAAAAAAA", "reason": "Đổi người"}]}, "withdraw.0.trainee"),
    ],
)
def test_a_withdrawal_needs_a_reason_and_somebody_missing(upload, visitor, desk, body, field):
    answer = visitor.post(f"rosters/{upload.pk}/import/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert desk.again(upload).state == ImportState.STAGED
