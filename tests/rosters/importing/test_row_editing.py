"""Corrections of an upload: columns, one row, the whole workbook."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from enrollment.models import Enrollment
from jobs.models import JobState
from people.models import Trainee
from rosters.choices import ImportState, Outcome
from rosters.importing import row_editing, staging
from rosters.models import HeadingMapping
from tests.common.workbooks import workbook
from tests.rosters.desk import Desk, outcomes, report_of

pytestmark = pytest.mark.django_db

HEADINGS = ["Họ và tên", "Ngày sinh", "Số CCCD", "Chức vụ"]
NUMBER = "001080123456"
GOOD = ["Nguyễn Văn An", "12/03/1980", "", "Chuyên viên"]
BAD = ["Lê Văn Cường", "31/02/1990", "", ""]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    """An agency's coordinator with a run to send people to."""
    return Desk(django_capture_on_commit_callbacks)


def test_a_corrected_row_is_checked_again_by_the_same_rules(desk):
    upload = desk.put(workbook(HEADINGS, GOOD, BAD))
    assert outcomes(upload) == [Outcome.CREATED, Outcome.REJECTED]
    cells = row_editing.cells_of(upload, 3)
    assert cells["birth"] == "31/02/1990"
    row_editing.edit_row(
        **desk.who, upload=upload, row_number=3, cells=cells | {"birth": "28/02/1990"}
    )
    upload = desk.again(upload)
    assert outcomes(upload) == [Outcome.CREATED, Outcome.CREATED]
    assert desk.enter(upload).state == ImportState.IMPORTED
    assert str(Trainee.objects.get(full_name="Lê Văn Cường").birth_date) == "1990-02-28"


@pytest.fixture
def editor(desk, client):
    """A roster with two rejected rows; opens a row on the page and sends it with other cells."""
    upload = desk.put(workbook(HEADINGS, GOOD, BAD, ["Vũ Thị Dung", "32/02/1990", "", ""]))
    client.force_login(desk.user)
    page = reverse("roster", args=[upload.pk])
    where = {"show": "rejected", "page": "1"}

    def send(row: int, **changed: str) -> str:
        form = client.get(page, where | {"edit": str(row)}).context["row_form"]
        cells = {name: form[name].value() for name in form.fields} | changed
        kwargs = {"pk": upload.pk, "number": row}
        response = client.post(reverse("roster_row", kwargs=kwargs, query=where), cells)
        return str(response["Location"].removeprefix(page))

    return desk, upload, send


def test_a_row_is_corrected_on_the_page_which_keeps_its_filter(editor):
    desk, upload, send = editor
    assert send(3, birth="28/02/1990") == "?show=rejected&page=1#row-3"
    assert outcomes(desk.again(upload)) == [Outcome.CREATED, Outcome.CREATED, Outcome.REJECTED]
    assert row_editing.cells_of(upload, 3)["birth"] == "28/02/1990"


def test_a_row_that_is_still_wrong_stays_open(editor):
    _desk, upload, send = editor
    assert send(3, birth="30/02/1990") == "?show=rejected&page=1&edit=3#row-3"
    assert row_editing.cells_of(upload, 3)["birth"] == "30/02/1990"


def test_a_cell_as_long_as_a_page_is_named_and_what_was_typed_stays(editor, client):
    desk, upload, _send = editor
    typed = {"full_name": "Lê Văn Cương", "birth": "1" * 501}
    kwargs = {"pk": upload.pk, "number": 3}
    response = client.post(reverse("roster_row", kwargs=kwargs, query={"show": "rejected"}), typed)
    form = response.context["row_form"]
    assert response.status_code == 422
    assert list(form.errors) == ["birth"]
    assert {name: form[name].value() for name in typed} == typed
    assert "501" in form.errors["birth"][0]
    assert form.errors["birth"][0] in response.text
    assert [row["number"] for row in response.context["rows"]] == [3, 4]
    assert row_editing.cells_of(desk.again(upload), 3)["birth"] == "31/02/1990"


def test_a_cell_that_was_long_in_the_file_hinders_no_correction(desk, client):
    long = "x" * 600
    upload = desk.put(workbook([*HEADINGS, "Ghi chú"], [*BAD, long]))
    client.force_login(desk.user)
    cells = {"full_name": BAD[0], "birth": "28/02/1990", "remarks": long}
    client.post(reverse("roster_row", args=[upload.pk, 2]), cells)
    assert outcomes(desk.again(upload)) == [Outcome.CREATED]
    client.post(reverse("roster_row", args=[upload.pk, 2]), cells | {"remarks": long + "x"})
    assert row_editing.cells_of(upload, 2)["remarks"] == long


def test_rejected_rows_are_opened_by_a_link_that_can_be_seen(editor, client):
    _desk, upload, _send = editor
    page = client.get(reverse("roster", args=[upload.pk])).text
    seen = re.findall(r'href="\?show=&amp;page=&amp;edit=(\d)#row-[^>]+>\s*(\w+)\s*</a>', page)
    assert seen in ([("2", "2"), ("3", word), ("4", word)] for word in ("Sửa", "Edit"))


def test_errors_are_shown_beside_their_cell(editor, client):
    _desk, upload, _send = editor
    form = client.get(reverse("roster", args=[upload.pk]), {"edit": "3"}).context["row_form"]
    assert "31/02" in form["birth"].value()
    assert form["birth"].help_text
    assert form["birth"].field.widget.attrs == {
        "aria-invalid": "true",
        "autofocus": True,
        "maxlength": "500",
    }
    assert form["full_name"].help_text == ""


def test_a_row_corrected_into_another_person_of_the_file_is_a_repeat(desk):
    upload = desk.put(workbook(HEADINGS, GOOD, BAD))
    cells = {"full_name": GOOD[0], "birth": GOOD[1]}
    row_editing.edit_row(**desk.who, upload=upload, row_number=3, cells=cells)
    assert outcomes(desk.again(upload)) == [Outcome.CREATED, Outcome.UNCHANGED]


def test_a_good_row_survives_being_opened_and_saved(desk):
    upload = desk.put(workbook(HEADINGS, ["Trần Thị Bình", "05/03/1980", "001180123456", "Vụ phó"]))
    before = report_of(upload)
    row_editing.edit_row(
        **desk.who, upload=upload, row_number=2, cells=row_editing.cells_of(upload, 2)
    )
    assert report_of(desk.again(upload)) == before


def test_a_table_without_known_headings_waits_for_its_columns(desk):
    upload = desk.put(workbook(["Quý danh", "Sinh", "x", "y"], GOOD))
    assert upload.state == ImportState.STAGED
    assert upload.job.state == JobState.FAILED
    with desk.at_once():
        staging.map_columns(
            **desk.who, upload=upload, sheet="", fields={0: "full_name", 1: "birth"}
        )
    assert outcomes(desk.again(upload)) == [Outcome.CREATED]


def test_a_table_without_headings_loses_none_of_its_people(desk):
    second = ["Lê Thị Hòa", "01/02/1980", "001180000123", ""]
    upload = desk.put(workbook([*GOOD[:2], NUMBER, GOOD[3]], second))
    assert next(iter(upload.table["headings"].values())) == "A"
    assert upload.table["examples"]["0"] == GOOD[0]
    fields = {0: "full_name", 1: "birth", 2: "personal_number"}
    with desk.at_once():
        staging.map_columns(**desk.who, upload=upload, sheet="", fields=fields)
    assert outcomes(desk.again(upload)) == [Outcome.CREATED] * 2


@pytest.mark.parametrize("person", [[*GOOD[:2], NUMBER, "x"], ["Lê An", "Vụ A", "Phó", "x"]])
def test_what_may_be_somebodys_row_is_not_remembered(desk, person):
    upload = desk.put(workbook(person, ["Trần Thị Bình", "05/03/1980"]))
    fields = {0: "full_name", 1: "birth"}
    with desk.at_once():
        staging.map_columns(**desk.who, upload=upload, sheet="", fields=fields)
    assert desk.again(upload).table["columns"] == {"full_name": 0, "birth": 1}
    assert not HeadingMapping.objects.exists()


def test_a_heading_that_contains_a_number_is_not_remembered(desk):
    upload = desk.put(workbook([*HEADINGS, f"Lê An {NUMBER}"], [*GOOD, "x"]))
    with desk.at_once():
        staging.map_columns(**desk.who, upload=upload, sheet="", fields={4: "remarks"})
    assert desk.again(upload).table["columns"]["remarks"] == 4
    assert not HeadingMapping.objects.exists()


def test_columns_are_remembered_for_the_agency(desk):
    upload = desk.put(workbook(HEADINGS, GOOD))
    with desk.at_once():
        staging.map_columns(**desk.who, upload=upload, sheet="", fields={3: "remarks"})
    assert HeadingMapping.objects.get().field == "remarks"
    later = desk.put(workbook(HEADINGS, GOOD))
    assert later.table["columns"]["remarks"] == 3
    assert "position" not in later.table["columns"]


def test_columns_assigned_on_the_page_are_used(desk, client):
    upload = desk.put(workbook(HEADINGS, GOOD))
    client.force_login(desk.user)
    page = reverse("roster_columns", args=[upload.pk])
    form = client.get(page).context["form"]
    with desk.at_once():
        client.post(
            page, {name: form[name].value() for name in form.fields} | {"column_3": "remarks"}
        )
    table = desk.again(upload).table
    assert table["columns"]["remarks"] == 3
    assert "position" not in table["columns"]


def test_a_command_reads_columns_as_the_agency_assigned_them(desk, tmp_path):
    HeadingMapping.objects.create(agency=desk.agency, heading_key="chuc vu", field="remarks")
    path = tmp_path / "roster.xlsx"
    path.write_bytes(workbook(HEADINGS, GOOD))
    call_command("import_roster", str(path), run=desk.run.code, agency=desk.agency.slug)
    place = Enrollment.objects.get()
    assert (place.remarks, place.position) == (GOOD[3], "")
