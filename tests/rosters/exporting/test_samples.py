"""The sample file of a class: its own columns and choices; filled in, it is imported as it is."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from courses.models import CourseRun
from rosters.choices import Outcome
from tests.factories import make_agency, make_run, make_trainee
from tests.rosters.desk import Desk, found_in, outcomes

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


@pytest.fixture
def sample(desk, client):
    def fetched(language: str = "vi", run: CourseRun | None = None):
        client.force_login(desk.user)
        address = reverse("roster_sample", args=[(run or desk.run).code])
        response = client.get(address, headers={"accept-language": language})
        assert response.status_code == 200
        return load_workbook(io.BytesIO(b"".join(response.streaming_content)))

    return fetched


def head_of(book) -> tuple[int, list[str]]:
    """The row of the headings, and these."""
    for row in book.active.iter_rows():
        if row[1].value in ("Họ và tên", "Full name"):
            return row[0].row, [cell.value for cell in row]
    raise AssertionError("no headings")


def choices_of(book) -> dict[str, str]:
    rules = book.active.data_validations.dataValidation
    return {str(rule.sqref)[0]: rule.formula1 for rule in rules}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_sample_that_is_filled_in_is_imported_without_a_finding(desk, sample, language):
    book = sample(language)
    header, _headings = head_of(book)
    sex, kind = ("Nam", "chuyên gia") if language == "vi" else ("male", "expert")
    contact = ["001080123456", "0912345678", "an@bo-y-te.example"]
    row = [
        1,
        "Nguyễn Văn An",
        "05/03/1980",
        sex,
        *contact,
        "Chuyên viên",
        "Phòng Tổ chức",
        kind,
        "",
    ]
    for at, value in enumerate(row, start=1):
        book.active.cell(header + 1, at, value)
    file = io.BytesIO()
    book.save(file)
    upload = desk.put(file.getvalue())
    assert outcomes(upload) == [Outcome.CREATED]
    assert found_in(upload).results[0].warnings == []
    desk.enter(upload)
    assert desk.run.enrollments.get().trainee_kind == "expert"
    assert (upload.table["notes"], upload.table["warnings"]) == ([], [])


def test_its_lists_offer_sexes_kinds_of_trainees_and_the_agencys_own_units(desk, sample):
    make_agency("vu-a", name_vi="Vụ Tổ chức cán bộ", parent=desk.agency)
    make_trainee(desk.agency, unit="Phòng Tổng hợp")
    make_trainee(make_agency(), unit="Phòng Của Người Khác")
    offered = choices_of(sample())
    assert offered["D"] == '"Nam,Nữ"'
    assert offered["J"] == '"cán bộ,chuyên gia"'
    assert offered["I"] == '"Vụ Tổ chức cán bộ,Phòng Tổng hợp"'


def test_it_says_of_which_class_it_is_and_whether_a_year_of_birth_is_enough(desk, sample):
    def lines(book) -> str:
        header, _headings = head_of(book)
        return " ".join(str(book.active.cell(row, 1).value) for row in range(1, header))

    desk.run.course.bare_birth_years = True
    desk.run.course.save()
    assert desk.run.code in lines(sample("en"))
    assert "the year alone" in lines(sample("en"))
    strict = make_run(ends_on=desk.run.ends_on)
    strict.course.bare_birth_years = False
    strict.course.save()
    assert "the year alone" not in lines(sample("en", strict))


def test_what_is_typed_as_a_date_stays_as_typed(sample):
    """Excel of another country would make the 5th of March of 05/03 the 3rd of May."""
    assert sample().active.column_dimensions["C"].number_format == "@"


def test_the_upload_page_offers_a_sample_for_each_open_class(desk, client):
    client.force_login(desk.user)
    other, closed = make_run(ends_on=desk.run.ends_on), make_run(state="closed")
    page = client.get(reverse("new_roster")).content.decode()
    assert reverse("roster_sample", args=[desk.run.code]) in page
    assert reverse("roster_sample", args=[other.code]) in page
    assert reverse("roster_sample", args=[closed.code]) not in page
    assert client.get(reverse("roster_sample", args=[closed.code])).status_code == 404
