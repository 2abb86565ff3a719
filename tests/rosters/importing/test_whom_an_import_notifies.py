"""Before a roster is imported, its page says how many people, letters and coordinators hear."""

import pytest
from django.urls import reverse

from people.services.recipients import Reach
from tests.common.workbooks import workbook
from tests.factories import make_run, make_trainee
from tests.rosters.desk import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

HEADINGS = ["Họ và tên", "Ngày sinh", "Số CCCD", "Email"]
AN = ["Nguyễn Văn An", "12/03/1980", "", ""]
BINH = ["Trần Thị Bình", "01/02/1990", "", "binh@bonoivu.gov.vn"]
CUONG = ["Lê Văn Cường", "03/04/1985", "", ""]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


@pytest.fixture
def page(client, desk):
    client.force_login(desk.user)

    def shown(upload) -> str:
        answer = client.get(reverse("roster", args=[upload.pk]), headers={"accept-language": "en"})
        return " ".join(answer.content.decode().split())

    return shown


def reach(upload) -> Reach:
    return Reach(**upload.report["reach"])


def test_the_page_says_whom_an_import_notifies(desk, page):
    upload = desk.put(workbook(HEADINGS, AN, BINH, CUONG))
    assert reach(upload) == Reach(people=3, letters=2, coordinators=1)
    assert "3 people will be notified; 2 letters to be printed" in page(upload)
    assert "will be notified" not in page(desk.enter(upload))


def test_a_known_person_is_written_to_at_the_known_address(desk):
    binh = ["Trần Thị Bình", "01/02/1990", "001190000018"]
    desk.enter(desk.put(workbook(HEADINGS, [*binh, "binh@bonoivu.gov.vn"])))
    desk.run = make_run(starts_on=desk.run.starts_on, ends_on=desk.run.ends_on)
    upload = desk.put(workbook(HEADINGS, [*binh, ""]))
    assert reach(upload) == Reach(people=1, coordinators=1)


def test_that_another_agencys_person_has_no_address_is_not_told(desk):
    make_trainee(full_name="Nguyễn Văn An", personal_number="001080000017")
    upload = desk.put(workbook(HEADINGS, ["Nguyễn Văn An", "12/03/1980", "001080000017", ""]))
    assert reach(upload).letters == 0


def test_an_import_into_a_class_of_the_past_notifies_nobody(desk, page):
    desk.run = make_run()
    assert "will be notified" not in page(desk.put(workbook(HEADINGS, AN)))
