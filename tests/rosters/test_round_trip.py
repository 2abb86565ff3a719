"""A roster is exported, edited or not, and imported: nothing is lost or invented."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from common.errors import DomainError
from common.vietnamese import tidy
from enrollment.models import Enrollment
from enrollment.services.details import save_details, update_details
from people.models import Trainee
from people.services.merges import merge
from rosters.choices import Outcome
from rosters.exporting.columns import roster_columns
from rosters.exporting.lists import export_roster
from rosters.fields import ROSTER_KEYS
from rosters.importing import import_job, row_editing, staging
from rosters.importing.importer import check_roster, import_roster, read
from rosters.importing.layouts.headings import field_of
from rosters.importing.senders import office
from rosters.importing.staged_rows import part_at
from rosters.models import RosterImport
from tests.common.workbooks import opened, saved, workbook
from tests.factories import make_agency, make_coordinator, make_enrollment, make_run, make_trainee
from tests.rosters.any_roster import OWN_COLUMNS

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

POST, UNIT, NOTE = "Chức vụ", "Đơn vị công tác", "Ghi chú"
HEADINGS = ("Họ và tên", "Ngày sinh", "Số CCCD", POST, UNIT, NOTE)
AN = ("Nguyễn Văn An", "12/03/1980", "001080123456")
POSTS = st.sampled_from([None, "Chuyên viên", "Phó Vụ trưởng", "Vụ trưởng", "=1+1"])
UNITS = st.sampled_from([None, "Vụ A", "Vụ B"])
NOTES = st.sampled_from([None, "ăn chay", "x" * 249 + "  y"])
SAID = st.tuples(POSTS, UNITS, NOTES)
# Typed into a cell, what begins with a sign of equality is a formula.
TYPED = st.tuples(POSTS.map(lambda post: "Cán sự" if post == "=1+1" else post), UNITS, NOTES)


@pytest.fixture(autouse=True)
def _autumn_2026():
    with clock.set_to(dt.date(2026, 11, 22)):
        yield


def entered(content: bytes, run, agency, name="roster.xlsx"):
    roster = read(content, name, run)
    return import_roster(by=SYSTEM, roster=roster, run=run, sender=office(agency), partial=True)


def checked(content: bytes, run, agency, name="roster.xlsx"):
    return check_roster(roster=read(content, name, run), run=run, sender=office(agency))


def outcomes(report) -> list[Outcome]:
    return [result.outcome for result in report.results]


def codes(report) -> list[str]:
    return [one.code for row in report.results for one in (*row.errors, *row.warnings)]


def written(run=None, form="xlsx", **further) -> bytes:
    places = Enrollment.objects.all()
    pieces = export_roster(by=SYSTEM, run=run, enrollments=places, form=form, **further)
    return b"".join(pieces)


def shown(run) -> list[dict[str, object]]:
    """What the exported roster says, row by row."""
    head, *rows = opened(written(run)).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def edited(content: bytes, cells: dict[str, object]) -> bytes:
    """The workbook with these cells, by heading, in its first row of people."""
    book = opened(content)
    heads = [cell.value for cell in book.active[1]]
    for heading, value in cells.items():
        book.active.cell(2, heads.index(heading) + 1).value = value
    return saved(book)


class Desk:
    """An agency with two classes, the second months after the first."""

    def __init__(self) -> None:
        self.agency = make_agency()
        self.first = make_run(starts_on=dt.date(2026, 12, 1), ends_on=dt.date(2026, 12, 2))
        self.second = make_run(starts_on=dt.date(2027, 3, 1), ends_on=dt.date(2027, 3, 2))

    def enter(self, run, *said) -> None:
        entered(workbook(HEADINGS, (*AN, *said)), run, self.agency)

    def person(self) -> Trainee:
        return Trainee.objects.get(full_name=AN[0])


@pytest.fixture
def desk():
    return Desk()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=SAID, second=SAID, form=st.sampled_from(["xlsx", "csv"]))
def test_a_person_who_rises_leaves_both_rosters_fixed_points(first, second, form):
    with transaction.atomic():
        desk = Desk()
        desk.enter(desk.first, *first)
        desk.enter(desk.second, *second)
        runs, person = (desk.first, desk.second), desk.person().position
        sheets, before = [written(run, form) for run in runs], [shown(run) for run in runs]
        for run, content in zip(runs, sheets, strict=True):
            assert outcomes(entered(content, run, desk.agency, f"x.{form}")) == [Outcome.UNCHANGED]
        assert ([shown(run) for run in runs], desk.person().position) == (before, person)
        transaction.set_rollback(True)


def test_an_old_roster_says_what_held_then_and_demotes_nobody(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", None)
    desk.enter(desk.second, "Phó Vụ trưởng", "Vụ B", None)
    assert shown(desk.first)[0][POST] == "Chuyên viên"
    desk.enter(desk.first, "Chuyên viên", "Vụ A", None)
    assert (desk.person().position, desk.person().unit) == ("Phó Vụ trưởng", "Vụ B")


def test_an_enrollment_keeps_the_former_details_of_the_person_even_without_a_column(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", None)
    desk.enter(desk.second, None, None, None)
    Trainee.objects.update(position="Vụ trưởng")
    assert shown(desk.second)[0][POST] == "Chuyên viên"


def test_an_edited_sheet_that_comes_back_shows_in_the_next_one(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    sheet = edited(written(desk.first), {POST: "Trưởng phòng", UNIT: "Vụ B", NOTE: "mới"})
    assert outcomes(checked(sheet, desk.first, desk.agency)) == [Outcome.MATCHED]
    assert outcomes(entered(sheet, desk.first, desk.agency)) == [Outcome.MATCHED]
    (row,) = shown(desk.first)
    assert (row[POST], row[UNIT], row[NOTE]) == ("Trưởng phòng", "Vụ B", "mới")
    assert outcomes(checked(sheet, desk.first, desk.agency)) == [Outcome.UNCHANGED]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=SAID, second=SAID, said=TYPED)
def test_the_next_roster_shows_every_edit_and_no_other_class_does(first, second, said):
    with transaction.atomic():
        desk = Desk()
        desk.enter(desk.first, *first)
        desk.enter(desk.second, *second)
        (before,), other = shown(desk.first), shown(desk.second)
        edits = {head: text for head, text in zip(HEADINGS[3:], said, strict=True) if text}
        entered(edited(written(desk.first), edits), desk.first, desk.agency)
        (after,) = shown(desk.first)
        assert after == before | {head: tidy(text)[:250].rstrip() for head, text in edits.items()}
        assert shown(desk.second) == other
        transaction.set_rollback(True)


def test_an_emptied_cell_erases_nothing_and_says_so(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    report = entered(edited(written(desk.first), {NOTE: None}), desk.first, desk.agency)
    assert (outcomes(report), codes(report)) == ([Outcome.UNCHANGED], ["left_empty"])
    assert report.results[0].warnings[0].column == NOTE
    assert shown(desk.first)[0][NOTE] == "cũ"
    narrow = written(desk.first, fields=("trainee_code", "full_name", "birth"))
    assert codes(checked(narrow, desk.first, desk.agency)) == []


@pytest.mark.parametrize("survivor", [0, 1])
def test_two_records_of_one_person_keep_the_details_of_each_enrollment(desk, survivor):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", None)
    twin = make_trainee(desk.agency, full_name=AN[0], birth_date=desk.person().birth_date)
    make_enrollment(desk.first, twin, position="Vụ trưởng", unit="Vụ B")
    people = list(Trainee.objects.order_by("id"))
    merge(by=SYSTEM, survivor=people[survivor], absorbed=people[1 - survivor], reason="Một người")
    before = shown(desk.first)
    again = entered(written(desk.first), desk.first, desk.agency)
    assert outcomes(again) == [Outcome.UNCHANGED] * 2
    assert shown(desk.first) == before


def test_a_corrected_position_is_corrected_on_the_persons_record_too(desk):
    desk.enter(desk.first, "Chuyen vien", "Vụ A", None)
    entered(edited(written(desk.first), {POST: "Chuyên viên"}), desk.first, desk.agency)
    assert desk.person().position == "Chuyên viên"


@pytest.mark.parametrize("later", ["another class", "the person"])
def test_a_person_promoted_since_keeps_the_new_position(desk, later):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", None)
    if later == "another class":
        desk.enter(desk.second, "Chuyên viên", "Vụ A", None)
    else:
        Trainee.objects.update(position="Vụ trưởng")
    before = desk.person().position
    entered(edited(written(desk.first), {POST: "Cán sự"}), desk.first, desk.agency)
    assert shown(desk.first)[0][POST] == "Cán sự"
    assert desk.person().position == before


def test_what_came_back_edited_is_on_record(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    entered(edited(written(desk.first), {NOTE: "mới"}), desk.first, desk.agency)
    entry = AuditEntry.objects.filter(action="roster_imported").latest("pk")
    assert entry.details["updated"] == 1


def test_an_enrollment_sent_by_another_agency_is_not_changed(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    sheet = edited(written(desk.first), {NOTE: "mới"})
    report = entered(sheet, desk.first, make_agency())
    assert (outcomes(report), codes(report)) == ([Outcome.UNCHANGED], ["sent_by_another"])
    assert shown(desk.first)[0][NOTE] == "cũ"


def test_the_roster_of_a_closed_class_changes_nobody_and_says_so(desk):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    sheet = edited(written(desk.first), {POST: "Vụ trưởng"})
    desk.first.state = "closed"
    desk.first.save()
    report = checked(sheet, desk.first, desk.agency)
    assert (outcomes(report), codes(report)) == ([Outcome.UNCHANGED], ["enrollment_settled"])
    update = update_details(Enrollment.objects.get(), {"remarks": "mới"})
    with pytest.raises(DomainError) as refused:
        save_details(by=SYSTEM, run=desk.first, updates=[update])
    assert refused.value.code == "run_not_open"


def test_many_edits_are_written_with_as_many_statements_as_one(desk):
    def statements(names: str) -> int:
        run = make_run()
        people = [(f"Lê Văn {name}", f"0{n}/03/1980") for n, name in enumerate(names, start=1)]
        entered(workbook(HEADINGS, *people), run, desk.agency)
        book = opened(written(run))
        (heading,) = [cell for cell in book.active[1] if cell.value == NOTE]
        for row in range(2, len(names) + 2):
            book.active.cell(row, heading.column).value = "mới"
        with CaptureQueriesContext(connection) as asked:
            entered(saved(book), run, desk.agency)
        assert set(run.enrollments.values_list("remarks", flat=True)) == {"mới"}
        return len(asked)

    assert statements("ABCDEFGH") == statements("I")


# --- birth years ---


def strictly(run) -> None:
    run.course.bare_birth_years = False
    run.course.save()


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_bare_years_on_our_own_list_pass_where_whole_dates_are_asked(desk, form):
    people = [("Nguyễn Văn An", "1980", AN[2]), ("Lê Thị Bình", 1979, None)]
    entered(workbook(HEADINGS, *people), desk.first, desk.agency)
    strictly(desk.first)
    again = entered(written(desk.first, form), desk.first, desk.agency, f"x.{form}")
    assert outcomes(again) == [Outcome.UNCHANGED] * 2
    strictly(desk.second)
    for run in (desk.first, desk.second):
        sheet = written(desk.first, form)
        assert Outcome.REJECTED not in outcomes(checked(sheet, run, desk.agency, f"x.{form}"))


def test_a_bare_year_that_is_news_is_refused_where_whole_dates_are_asked(desk):
    person = make_trainee(desk.agency, full_name=AN[0], birth_date=None, birth_year=None)
    strictly(desk.first)
    head = ("Mã học viên", "Họ và tên", "Năm sinh")
    report = checked(workbook(head, (person.code, person.full_name, 1980)), desk.first, desk.agency)
    assert outcomes(report) == [Outcome.REJECTED]
    (told,) = [error for row in report.results for error in row.errors]
    assert (told.row, told.column, told.code) == (2, "Năm sinh", "birth_year_only")


def test_a_bare_year_without_our_code_is_refused_as_before(desk):
    strictly(desk.first)
    sheet = workbook(HEADINGS, ("Nguyễn Văn An", 1980, AN[2]))
    assert outcomes(checked(sheet, desk.first, desk.agency)) == [Outcome.REJECTED]


# --- several classes on one list ---


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_list_of_all_classes_changes_none_of_them(desk, form):
    desk.enter(desk.second, "Vụ trưởng", "Vụ A", None)
    other = ("Lê Thị Bình", "01/02/1990", None, "Chuyên viên", None, None)
    entered(workbook(HEADINGS, other), desk.first, desk.agency)
    desk.enter(desk.first, "Chuyên viên", "Vụ A", None)
    whole, runs = written(form=form), (desk.first, desk.second)
    before = [shown(run) for run in runs]
    for run, here in ((desk.first, 2), (desk.second, 1)):
        report = entered(whole, run, desk.agency, f"x.{form}")
        assert sorted(outcomes(report)) == ["rejected"] * (3 - here) + ["unchanged"] * here
        assert codes(report) == ["another_run"] * (3 - here)
    assert [shown(run) for run in runs] == before


def test_a_row_of_another_class_says_which_and_what_to_do(desk):
    head = (*HEADINGS[:3], "Mã lớp")
    sheet = workbook(head, (*AN, f" {desk.second.code.lower()} "))
    report = checked(sheet, desk.first, desk.agency)
    (told,) = report.results[0].errors
    assert (told.row, told.column, told.code) == (2, "Mã lớp", "another_run")
    assert desk.first.code in told.message
    assert desk.second.code.lower() in told.message


def test_a_person_listed_under_another_class_first_is_still_entered_here(desk):
    head = (*HEADINGS[:3], "Mã lớp")
    sheet = workbook(head, (*AN, desk.second.code), (*AN, desk.first.code))
    report = entered(sheet, desk.first, desk.agency)
    assert outcomes(report) == [Outcome.REJECTED, Outcome.CREATED]
    assert desk.first.enrollments.count() == 1


@pytest.mark.parametrize("said", ["Lớp buổi chiều", None])
def test_an_unknown_class_code_rejects_nobody(desk, said):
    sheet = workbook((*HEADINGS[:3], "Mã lớp"), (*AN, said))
    report = checked(sheet, desk.first, desk.agency)
    assert outcomes(report) == [Outcome.CREATED]
    assert codes(report) == (["unknown_run"] if said else [])


# --- what may be chosen ---


def test_only_columns_that_are_read_back_offer_a_choice():
    offered = {column.key for column in roster_columns(ROSTER_KEYS) if column.choices}
    assert offered == {"sex", "trainee_kind"}
    for column in roster_columns(ROSTER_KEYS):
        assert bool(field_of(column.heading)) == (
            column.key in {"index", "run_code", *OWN_COLUMNS}
        ), column.heading


# --- taken back ---


class Uploads:
    """What a coordinator does with a file, on the pages."""

    def __init__(self, desk: Desk, at_once) -> None:
        self.desk, self.user = desk, make_coordinator(desk.agency)
        self.at_once = lambda: at_once(execute=True)

    def stage(self, content: bytes) -> RosterImport:
        with self.at_once():
            upload = staging.stage(
                by=self.user.as_actor(), user=self.user, run=self.desk.first,
                agency=self.desk.agency, file_name="roster.xlsx", content=content,
            )  # fmt: skip
        return RosterImport.objects.get(pk=upload.pk)

    def enter(self, content: bytes) -> RosterImport:
        upload = self.stage(content)
        with self.at_once():
            staging.confirm(by=self.user.as_actor(), user=self.user, upload=upload)
        return RosterImport.objects.get(pk=upload.pk)

    def undo(self, upload: RosterImport) -> None:
        import_job.undo(by=self.user.as_actor(), upload=upload)


@pytest.fixture
def uploads(desk, django_capture_on_commit_callbacks):
    return Uploads(desk, django_capture_on_commit_callbacks)


def test_the_page_says_how_many_enrollments_were_updated(desk, uploads, client):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    client.force_login(uploads.user)
    found = []
    for note in ("mới", "mới"):
        upload = uploads.enter(edited(written(desk.first), {NOTE: note}))
        page = client.get(reverse("roster", kwargs={"pk": upload.pk})).content.decode()
        found.append("cập nhật thông tin trong lớp" in page)
    assert found == [True, False]


def test_undoing_an_import_restores_the_details_of_enrollments(desk, uploads):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    before = shown(desk.first)
    upload = uploads.enter(edited(written(desk.first), {POST: "Cán sự", NOTE: "mới"}))
    assert shown(desk.first) != before
    uploads.undo(upload)
    assert shown(desk.first) == before
    assert desk.person().position == "Chuyên viên"


def test_an_enrollment_changed_since_the_import_stays_changed_after_the_undo(desk, uploads):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    upload = uploads.enter(edited(written(desk.first), {POST: "Cán sự", NOTE: "mới"}))
    Enrollment.objects.update(remarks="mới nhất")
    uploads.undo(upload)
    (row,) = shown(desk.first)
    assert (row[POST], row[NOTE]) == ("Chuyên viên", "mới nhất")


def test_a_row_of_another_class_enters_here_once_its_cell_is_cleared(desk, uploads):
    sheet = workbook((*HEADINGS[:3], "Mã lớp"), (*AN, desk.second.code))
    upload = uploads.stage(sheet)
    cells = row_editing.cells_of(upload, 2)
    assert cells["run_code"] == desk.second.code
    by = uploads.user.as_actor()
    row_editing.edit_row(
        by=by, user=uploads.user, upload=upload, row_number=2, cells=cells | {"run_code": ""}
    )
    (result,) = part_at(upload, 0).results
    assert result.outcome == Outcome.CREATED


def test_an_agency_changes_no_details_once_the_class_is_over(desk, uploads):
    desk.enter(desk.first, "Chuyên viên", "Vụ A", "cũ")
    place = Enrollment.objects.get()
    with clock.set_to(dt.date(2027, 1, 5)):
        with pytest.raises(DomainError) as refused:
            save_details(
                by=uploads.user.as_actor(),
                run=desk.first,
                updates=[update_details(place, {"remarks": "mới"})],
            )
        assert refused.value.code == "run_over"
        save_details(by=SYSTEM, run=desk.first, updates=[update_details(place, {"remarks": "mới"})])
    assert shown(desk.first)[0][NOTE] == "mới"
