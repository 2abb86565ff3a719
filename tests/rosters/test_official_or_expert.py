"""Whether somebody is sent as an official or as an expert: from any roster, and back."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from agencies.models import Agency
from audit.services import SYSTEM
from common import clock
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from people.models import Trainee
from rosters.choices import Outcome
from rosters.exporting.lists import export_roster
from rosters.importing.importer import import_roster, read
from rosters.importing.report import ImportReport
from rosters.importing.rows.codes import read_code
from rosters.importing.senders import office
from tests.common.workbooks import opened, saved, workbook
from tests.factories import make_agency, make_course, make_run

pytestmark = pytest.mark.django_db

AN = ("Nguyễn Văn An", "12/03/1980", "001080123456")


@pytest.fixture
def run() -> CourseRun:
    make_agency("own")
    ahead = clock.today() + dt.timedelta(days=30)
    return make_run(make_course(bare_birth_years=True), starts_on=ahead, ends_on=ahead)


def sent(run: CourseRun, content: bytes) -> ImportReport:
    agency = Agency.objects.get(slug="own")
    roster = read(content, "x.xlsx", run)
    return import_roster(by=SYSTEM, roster=roster, run=run, sender=office(agency))


def listed(heading: str, *values: object) -> bytes:
    rows = [(f"Lê Văn {chr(65 + at)}", f"0{at + 1}/03/1980", one) for at, one in enumerate(values)]
    return workbook(("Họ và tên", "Ngày sinh", heading), *rows)


def kinds(run: CourseRun) -> list[str]:
    return list(run.enrollments.order_by("id").values_list("trainee_kind", flat=True))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Cán bộ", "official"),
        ("CÁN BỘ", "official"),
        (" can  bo. ", "official"),
        ("cán bộ quản lý", "official"),
        ("Cán bộ, công chức", "official"),
        ("Viên chức", "official"),
        ("CB-CC-VC", "official"),
        ("Official", "official"),
        ("civil servant", "official"),
        ("Chuyên gia", "expert"),
        ("chuyên gia CNTT", "expert"),
        ("Expert (AI)", "expert"),
        ("không rõ", None),
        ("Not known", None),
    ],
)
def test_a_kind_is_read_in_either_language_however_it_is_typed(text: str, kind: str | None) -> None:
    assert read_code("trainee_kind", text) == kind


@pytest.mark.parametrize(
    "text", ["Cán bộ/chuyên gia", "không phải chuyên gia", "x", "Đảng viên", "3", "Cánbộ", ""]
)
def test_a_text_that_names_no_kind_or_both_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_code("trainee_kind", text)


@pytest.mark.parametrize(
    "heading",
    ["Cán bộ/chuyên gia", "Đối tượng", "ĐỐI TƯỢNG HỌC VIÊN", "Official or expert", "Trainee kind"],
)
def test_a_roster_states_the_kind_of_each_enrollment(run: CourseRun, heading: str) -> None:
    report = sent(run, listed(heading, "Cán bộ", "expert", None, "-", "chưa rõ"))
    assert kinds(run) == ["official", "expert", "", "", ""]
    assert not any(row.warnings for row in report.results)


def test_an_unreadable_kind_is_named_and_the_person_entered_without_it(run: CourseRun) -> None:
    report = sent(run, listed("Đối tượng", "Đảng viên"))
    (warning,) = report.results[0].warnings
    assert (warning.code, warning.column) == ("code_unknown", "Đối tượng")
    assert "“Đảng viên”" in warning.message
    assert "“Cán bộ”, “Chuyên gia”" in warning.message
    assert (report.results[0].outcome, kinds(run)) == (Outcome.CREATED, [""])


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_our_own_list_comes_back_unchanged(run: CourseRun, form: str, language: str) -> None:
    sent(run, listed("Đối tượng", "Cán bộ", "Chuyên gia", None))
    with translation.override(language):
        content = b"".join(
            export_roster(by=SYSTEM, run=run, enrollments=Enrollment.objects.all(), form=form)
        )
    report = sent(run, content)
    assert {row.outcome for row in report.results} == {Outcome.UNCHANGED}


def test_our_own_list_offers_the_kinds_and_takes_the_choice_back(run: CourseRun) -> None:
    sent(run, listed("Đối tượng", "Cán bộ"))
    pieces = export_roster(by=SYSTEM, run=run, enrollments=Enrollment.objects.all(), form="xlsx")
    book = opened(b"".join(pieces))
    heads = [cell.value for cell in book.active[1]]
    column = heads.index("Cán bộ/chuyên gia") + 1
    offered = [rule.formula1 for rule in book.active.data_validations.dataValidation]
    assert '"cán bộ,chuyên gia"' in offered
    book.active.cell(2, column).value = "chuyên gia"
    report = sent(run, saved(book))
    assert (report.updated, kinds(run)) == (1, ["expert"])


def test_a_list_without_the_column_erases_nothing(run: CourseRun) -> None:
    sent(run, workbook(("Họ và tên", "Ngày sinh", "Số CCCD", "Đối tượng"), (*AN, "Chuyên gia")))
    sent(run, workbook(("Họ và tên", "Ngày sinh", "Số CCCD"), AN))
    assert kinds(run) == ["expert"]


def test_a_paper_roster_says_it_of_its_results(tmp_path: Path) -> None:
    make_agency("own")
    make_run(code="PAST", state="open")
    roster, scan = tmp_path / "giay.xlsx", tmp_path / "scan.pdf"
    roster.write_bytes(listed("Đối tượng", "Cán bộ", "Chuyên gia", None))
    scan.write_bytes(b"%PDF-1.7 scan")
    call_command("backfill_results", roster, run="PAST", agency="own", scan=scan, json=True)
    assert [*Completion.objects.order_by("id").values_list("trainee_kind", flat=True)] == [
        "official", "expert", "",
    ]  # fmt: skip
    assert Trainee.objects.count() == 3
