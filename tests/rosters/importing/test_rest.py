"""After a partial import the rejected rows can still be corrected on the page."""

import pytest
from django.urls import reverse

from enrollment.models import Enrollment
from people.models import Trainee
from rosters.choices import ImportState, Outcome
from rosters.errors import RosterError
from rosters.importing import row_editing, staging
from rosters.importing.rest import stage_rest
from rosters.importing.staged_rows import parts_of
from tests.common.workbooks import workbook
from tests.rosters.desk import Desk, outcomes

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

HEADINGS = ["Họ và tên", "Ngày sinh", "Chức vụ"]
GOOD = ["Nguyễn Văn An", "12/03/1980", "Chuyên viên"]
BAD = ["Lê Văn Cường", "31/02/1990", "Trưởng phòng"]
WORSE = ["Vũ Thị Dung", "32/02/1990", ""]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


@pytest.fixture
def partial(desk):
    return desk.enter(desk.put(workbook(HEADINGS, GOOD, BAD, WORSE)), partial=True)


def corrected(desk, rest, row: int, birth: str):
    cells = row_editing.cells_of(rest, row) | {"birth": birth}
    row_editing.edit_row(**desk.who, upload=rest, row_number=row, cells=cells)
    return desk.again(rest)


def test_the_rejected_rows_of_a_partial_import_are_corrected_and_imported(desk, partial):
    rest = desk.again(stage_rest(**desk.who, upload=partial))
    assert [row.number for part in parts_of(rest) for row in part.rows] == [3, 4]
    assert outcomes(rest) == [Outcome.REJECTED, Outcome.REJECTED]
    rest = corrected(desk, rest, 3, "28/02/1990")
    rest = desk.enter(corrected(desk, rest, 4, "27/02/1990"))
    assert rest.state == ImportState.IMPORTED
    assert Enrollment.objects.filter(run=desk.run).count() == 3
    assert Trainee.objects.get(full_name="Lê Văn Cường").position == "Trưởng phòng"


def test_what_is_still_wrong_in_the_rest_can_be_corrected_once_more(desk, partial):
    rest = corrected(desk, stage_rest(**desk.who, upload=partial), 3, "28/02/1990")
    rest = desk.enter(rest, partial=True)
    last = desk.again(stage_rest(**desk.who, upload=rest))
    assert [row.number for part in parts_of(last) for row in part.rows] == [4]


def test_the_rest_is_staged_once_until_it_is_discarded(desk, partial):
    rest = stage_rest(**desk.who, upload=partial)
    assert stage_rest(**desk.who, upload=partial) == rest
    staging.discard(by=desk.user.as_actor(), upload=rest)
    assert stage_rest(**desk.who, upload=partial) != rest


def test_an_import_without_rejected_rows_has_no_rest(desk):
    whole = desk.enter(desk.put(workbook(HEADINGS, GOOD)))
    with pytest.raises(RosterError) as refused:
        stage_rest(**desk.who, upload=whole)
    assert refused.value.code == "nothing_left"


def test_the_columns_of_the_rest_stay_as_they_were_imported(desk, partial):
    rest = stage_rest(**desk.who, upload=partial)
    with pytest.raises(RosterError):
        staging.map_columns(**desk.who, upload=rest, sheet="", fields={0: "full_name"})


def test_the_page_of_a_partial_import_leads_to_its_rest(desk, partial, client):
    client.force_login(desk.user)
    page = client.get(reverse("roster", args=[partial.pk]))
    assert reverse("stage_rest", args=[partial.pk]) in page.content.decode()
    response = client.post(reverse("stage_rest", args=[partial.pk]))
    rest = partial.rests.get()
    assert response["Location"] == reverse("roster", args=[rest.pk])
    shown = client.get(response["Location"], {"edit": "3"})
    assert shown.context["row_form"]["birth"].value() == "31/02/1990"
    page = client.get(reverse("roster", args=[partial.pk])).content.decode()
    assert reverse("roster", args=[rest.pk]) in page


def test_the_file_of_rejected_rows_of_the_rest_marks_only_its_own(desk, partial, client):
    rest = stage_rest(**desk.who, upload=partial)
    corrected(desk, rest, 3, "28/02/1990")
    client.force_login(desk.user)
    assert client.get(reverse("rejected_rows", args=[rest.pk])).status_code == 200


def test_the_button_says_how_many_go_into_which_class_on_which_day(desk, client):
    upload = desk.put(workbook(HEADINGS, GOOD, BAD))
    client.force_login(desk.user)
    page = client.get(reverse("roster", args=[upload.pk]), headers={"accept-language": "en"})
    text = " ".join(page.content.decode().split())
    assert f"Import one person into class {desk.run.code} of 10/03/2026 – 02/01/2099" in text


def test_no_class_is_chosen_beforehand(desk, client):
    client.force_login(desk.user)
    page = client.get(reverse("new_roster"))
    assert page.context["form"]["run"].value() is None
    assert page.context["form"]["agency"].value() == desk.agency.slug
    chosen = client.get(reverse("new_roster"), {"run": desk.run.code})
    assert chosen.context["form"]["run"].value() == desk.run.code
