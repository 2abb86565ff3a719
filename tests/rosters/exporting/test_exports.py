"""Exports: rows and columns as chosen, masked, recorded, and imported again without a change."""

import datetime as dt
import io
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from accounts.services import create_second_factor
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from common.spreadsheets import open_sheets
from courses.models import Course
from enrollment.models import Enrollment
from jobs.models import Job
from people.models import Trainee
from rosters.choices import Paper
from rosters.errors import RosterError
from rosters.exporting import export_requests
from rosters.exporting.columns import column_names
from rosters.exporting.lists import PRINTED
from rosters.fields import DEFAULT_KEYS, ROSTER_KEYS
from rosters.form_fields import ColumnPicker
from rosters.forms.exports import ExportForm
from rosters.importing import senders
from rosters.importing.importer import check_roster, read
from rosters.models import RosterExport, RosterView
from tests.architecture.world import adopt_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def office():
    return make_user("programme_office")


def wanted(**asked):
    return {"fields": list(ROSTER_KEYS), "form": "xlsx", "reason": ""} | asked


def given(user, **asked) -> list[tuple]:
    content = b"".join(
        export_requests.stream_export(by=user.as_actor(), user=user, wanted=wanted(**asked))
    )
    return [row.values for row in open_sheets(content)[0].rows()][1:]


def test_every_column_that_can_be_chosen_is_written(office):
    run = make_run()
    person = make_trainee(personal_number="001080123456")
    make_completion(person, run, enrollment=make_enrollment(run, person, state="completed"))
    (row,) = given(office)
    assert "*********456" in row
    assert run.code in row


def test_rows_are_narrowed_by_run_agency_and_period(office):
    early = make_run(ends_on=dt.date(2026, 3, 11))
    late = make_run(starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2026, 9, 2))
    agency = make_agency()
    make_enrollment(early, make_trainee(agency))
    make_enrollment(late, make_trainee())
    assert len(given(office)) == 2
    assert len(given(office, run=early.code)) == 1
    assert len(given(office, agency=agency.slug)) == 1
    assert len(given(office, since="2026-08-01")) == 1
    assert len(given(office, until="2026-01-01")) == 0


def test_a_coordinator_gets_only_the_own_agencys_rows():
    agency = make_agency()
    run = make_run()
    make_enrollment(run, make_trainee(agency))
    make_enrollment(run, make_trainee())
    assert len(given(make_coordinator(agency))) == 1


def test_whole_numbers_need_the_right_and_a_reason_on_record(office):
    make_enrollment(make_run(), make_trainee(personal_number="001080123456"))
    assert "001080123456" in given(office, reason="Kiểm tra của thanh tra")[0]
    entry = AuditEntry.objects.get(action="roster_exported")
    assert entry.details["reason"] == "Kiểm tra của thanh tra"
    assert (entry.details["rows"], entry.details["whole_numbers"]) == (1, True)
    with pytest.raises(RosterError) as refused:
        given(make_coordinator(make_agency()), reason="x")
    assert refused.value.code == "numbers_not_open"


@pytest.mark.parametrize(
    ("written", "is_taken"),
    [
        ("", True),
        ("Kiểm tra của thanh tra", True),
        ("x", False),
        ("001080123456 theo đề nghị", False),
    ],
)
def test_the_reason_for_whole_numbers_is_a_sentence_without_a_number(office, written, is_taken):
    asked = MultiValueDict({"form": ["xlsx"], "columns": ["full_name"], "reason": [written]})
    assert ("reason" not in ExportForm(asked, user=office).errors) == is_taken


@pytest.mark.parametrize(
    ("asked", "gives_numbers"),
    [
        ({"fields": ["full_name", "personal_number"]}, True),
        ({"fields": ["full_name"]}, False),
        ({"paper": Paper.NOMINATION}, True),
        ({"paper": Paper.ATTENDANCE}, False),
        ({"paper": Paper.CERTIFICATES}, False),
    ],
)
def test_whole_numbers_are_on_record_only_where_a_column_shows_them(office, asked, gives_numbers):
    run, person = make_run(), make_trainee(personal_number="001080123456")
    make_completion(person, run, enrollment=make_enrollment(run, person, state="completed"))
    agency = person.agency.slug
    rows = given(office, run=run.code, agency=agency, reason="Kiểm tra của thanh tra", **asked)
    assert any("001080123456" in row for row in rows) == gives_numbers
    details = AuditEntry.objects.get(action="roster_exported").details
    assert (details["whole_numbers"], "reason" in details) == (gives_numbers, gives_numbers)


def test_all_that_was_chosen_is_on_record_beside_the_class(office):
    run, agency = make_run(), make_agency()
    given(office, run=run.code, agency=agency.slug, state="enrolled")
    entry = AuditEntry.objects.get(action="roster_exported")
    assert entry.details["run"] == run.code
    assert entry.details["scope"] == f"run={run.code}, agency={agency.slug}, state=enrolled"


def test_characters_that_no_workbook_can_contain_are_dropped_and_recorded(office):
    make_enrollment(make_run(), make_trainee(position="Chuyên\x07 viên"))
    make_enrollment(make_run(), make_trainee(position="Vụ phó & tổ trưởng"))
    assert any("Chuyên viên" in row for row in given(office))
    (entry,) = AuditEntry.objects.filter(action="roster_characters_dropped")
    assert entry.details["rows"] == 1
    given(office, form="csv")
    assert AuditEntry.objects.filter(action="roster_characters_dropped").count() == 2


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_mail_tells_the_user_that_a_roster_lost_characters(office, form, mailoutbox):
    make_enrollment(make_run(), make_trainee(position="Chuyên viên"))
    given(office, form=form)
    assert mailoutbox == []
    make_enrollment(make_run(), make_trainee(position="Chuyên\x07 viên"))
    given(office, form=form)
    (mail,) = mailoutbox
    assert mail.to == [office.email]
    assert re.search(r"\b[23]\b", mail.body)


def test_the_page_and_the_mail_of_a_job_say_which_rows_lost_characters(
    client, office, mailoutbox, django_capture_on_commit_callbacks
):
    make_enrollment(make_run(), make_trainee(position="Chuyên\x07 viên"))
    with django_capture_on_commit_callbacks(execute=True):
        export = export_requests.request_export(by=office.as_actor(), user=office, wanted=wanted())
    (mail,) = mailoutbox
    said = Job.objects.get().result["warning"]
    assert "2" in said
    assert said in mail.body
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    assert said in unescape(client.get(reverse("job", args=[export.job_id])).content.decode())


@pytest.mark.parametrize("paper", [Paper.NOMINATION, Paper.ATTENDANCE, Paper.CERTIFICATES])
def test_what_was_pasted_into_a_title_or_a_name_spoils_no_paper(office, paper):
    run, agency = make_run(), make_agency()
    make_enrollment(run, make_trainee(agency))
    Course.objects.filter(pk=run.course_id).update(title_vi="Trí tuệ\vnhân\uffff tạo")
    Agency.objects.filter(pk=agency.pk).update(name_vi="Bộ\vMới\uffff")
    asked = wanted(run=run.code, agency=agency.slug, paper=paper)
    content = b"".join(
        export_requests.stream_export(by=office.as_actor(), user=office, wanted=asked)
    )
    (sheet,) = open_sheets(content)
    words = [value for row in sheet.rows() for value in row.values if value]
    assert any("Trí tuệ nhân tạo" in str(value) for value in words)


def test_an_export_imports_again_without_a_change(office):
    run, agency = make_run(), make_agency()
    for number in range(3):
        make_enrollment(
            run,
            make_trainee(
                agency,
                full_name="Nguyễn Văn An",
                birth_date=dt.date(1980, 3, 5 + number),
                personal_number=f"00108012345{number}",
                position="=1+1",
            ),
        )
    pieces = export_requests.stream_export(
        by=office.as_actor(), user=office, wanted=wanted(run=run.code)
    )
    roster = read(b"".join(pieces), "x.xlsx", run)
    report = check_roster(roster=roster, run=run, sender=senders.office(agency))
    assert [result.errors for result in report.results] == [[], [], []]
    assert {result.outcome for result in report.results} == {"unchanged"}
    assert Trainee.objects.count() == Enrollment.objects.count() == 3


def widths_of_table(office, **asked):
    """Heading → width in characters, of a table of everybody."""
    content = b"".join(
        export_requests.stream_export(by=office.as_actor(), user=office, wanted=wanted(**asked))
    )
    (sheet,) = load_workbook(io.BytesIO(content)).worksheets
    heads = [head.value for head in sheet[1]]
    columns = [sheet.column_dimensions[get_column_letter(at)] for at in range(1, len(heads) + 1)]
    return {head: one.width for head, one in zip(heads, columns, strict=True)}


def test_columns_of_a_table_too_long_to_wrap_are_as_wide_as_their_texts_within_bounds(office):
    run, agency = make_run(), make_agency()
    address = "nguyen.thi.hoang.phuong@thongtin.example.gov.vn"
    make_enrollment(run, make_trainee(agency, email=address, unit="Vụ " * 60))
    usual = widths_of_table(office)
    people = [Trainee(agency=agency, full_name="Lê Văn An") for _ in range(PRINTED)]
    Enrollment.objects.bulk_create(
        Enrollment(run=run, trainee=one, sending_agency=agency, state="enrolled")
        for one in Trainee.objects.bulk_create(people)
    )
    wide = widths_of_table(office)
    assert usual["Thư điện tử"] < len(address) <= wide["Thư điện tử"] <= len(address) + 2
    assert usual["Đơn vị công tác"] < wide["Đơn vị công tác"] <= 60
    changed = {heading for heading in wide if wide[heading] != usual[heading]}
    assert changed == {"Thư điện tử", "Đơn vị công tác"}


def test_a_table_for_excel_in_vietnam_has_decimal_commas_and_comes_back(office):
    run, agency = make_run(), make_agency()
    for name in ("Đỗ Thị A", "Đỗ Thị B"):
        person = make_trainee(agency, full_name=name)
        place = make_enrollment(run, person, state="completed")
        make_completion(person, run, enrollment=place, score=8.5, attendance_percent=100)
    asked = wanted(run=run.code, form="csv")
    content = b"".join(
        export_requests.stream_export(by=office.as_actor(), user=office, wanted=asked)
    )
    assert content.count(b";8,5;") == 2
    report = check_roster(
        roster=read(content, "x.csv", run), run=run, sender=senders.office(agency)
    )
    assert [str(result.outcome) for result in report.results] == ["unchanged"] * 2


def test_a_long_export_is_a_job_with_a_notice_whose_file_expires(
    office, mailoutbox, django_capture_on_commit_callbacks
):
    make_enrollment(make_run())
    with django_capture_on_commit_callbacks(execute=True):
        asked = export_requests.request_export(
            by=office.as_actor(), user=office, wanted=wanted(form="csv")
        )
    export = RosterExport.objects.get(pk=asked.pk)
    assert export_requests.file_of(export).startswith(b"\xef\xbb\xbf")
    assert "Nguyễn".encode() not in bytes(export.content)
    (notice,) = mailoutbox
    assert (notice.to, f"/rosters/exports/{export.pk}/" in notice.body) == ([office.email], True)
    with clock.set_to(clock.now() + dt.timedelta(days=8)):
        with pytest.raises(RosterError):
            export_requests.file_of(export)
        assert export_requests.erase_expired() == 1


def test_chosen_columns_are_saved_under_a_name_and_offered_again(client):
    user = make_coordinator(make_agency())
    client.force_login(user)
    asked = {"form": "csv", "columns": ["unit", "full_name"], "save_as": "Ngắn"}
    response = client.post("/rosters/export/", asked)
    # The two, and of which class each row is.
    assert b"".join(response.streaming_content).count(b";") == 2
    response = client.post("/rosters/export/", asked | {"only_save": "1"}, follow=True)
    form = response.context["form"]
    assert form["columns"].value() == user.roster_views.get().fields == ["unit", "full_name"]
    assert [tab["label"] for tab in response.context["tabs"]][1:] == ["Ngắn"]
    assert response.content.index(b'value="unit"') < response.content.index(b'value="full_name"')


def saved(user, name="Ngắn"):
    return export_requests.save_view(by=user.as_actor(), user=user, name=name, fields=["unit"])


def test_saved_columns_get_another_name_and_stay_as_they_are(client):
    user = make_coordinator(make_agency())
    view = saved(user)
    client.force_login(user)
    page = f"/rosters/views/{view.pk}/"
    assert page in client.get(f"/rosters/export/?view={view.pk}").text
    response = client.post(page, {"name": "Gọn"}, follow=True)
    assert [tab["label"] for tab in response.context["tabs"] if tab["is_current"]] == ["Gọn"]
    assert response.context["form"]["columns"].value() == ["unit"]


def test_two_saved_columns_do_not_bear_one_name(client):
    user = make_coordinator(make_agency())
    view = saved(user)
    saved(user, "Gọn")
    client.force_login(user)
    response = client.post(f"/rosters/views/{view.pk}/", {"name": "Gọn"})
    assert (response.status_code, "name" in response.context["form"].errors) == (400, True)
    assert client.post(f"/rosters/views/{view.pk}/", {"name": "Ngắn"}).status_code == 302


def test_saved_columns_are_removed_by_their_owner_alone(client):
    agency = make_agency()
    mine, theirs = make_coordinator(agency), make_coordinator(agency)
    view = saved(theirs)
    client.force_login(mine)
    assert client.post(f"/rosters/views/{view.pk}/remove/").status_code == 404
    client.force_login(theirs)
    response = client.post(f"/rosters/views/{view.pk}/remove/", follow=True)
    assert response.context["tabs"] == []
    assert not RosterView.objects.exists()


def test_saved_columns_are_their_owners_alone(client):
    agency = make_agency()
    theirs, mine = make_coordinator(agency), make_coordinator(agency)
    view = export_requests.save_view(
        by=theirs.as_actor(), user=theirs, name="Ngắn", fields=["unit"]
    )
    client.force_login(mine)
    response = client.get(f"/rosters/export/?view={view.pk}")
    assert response.context["tabs"] == []
    assert response.context["form"]["columns"].value() == DEFAULT_KEYS


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        ("1 2 3 4", "unit remarks email phone"),
        ("1 2 3 1", "phone unit remarks email"),
        ("3 2 3 4", "remarks email unit phone"),
        ("1  3 4", "unit email phone remarks"),
        ("1 2 3 x", "unit remarks email phone"),
    ],
)
def test_a_column_moves_to_the_position_of_its_new_number(numbers, order):
    stood = ["unit", "remarks", "email", "phone"]
    data = MultiValueDict({"columns": stood, "columns_before": stood})
    told = dict(zip(stood, numbers.split(" "), strict=True))
    data.update({f"columns_{column}": number for column, number in told.items()})
    picker = ColumnPicker(column_names())
    assert picker.value_from_datadict(data, {}, "columns") == order.split()


@pytest.mark.parametrize("columns", [[], ["personal_number_digest"]])
def test_columns_that_are_none_are_refused(client, columns):
    client.force_login(make_coordinator(make_agency()))
    response = client.post("/rosters/export/", {"form": "csv", "columns": columns})
    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {"columns"}


def test_columns_are_saved_only_with_a_name(client):
    client.force_login(make_coordinator(make_agency()))
    asked = {"form": "csv", "columns": ["unit"], "only_save": "1"}
    assert client.post("/rosters/export/", asked).status_code == 400


def test_rows_are_narrowed_as_the_list_of_people_is(office):
    run = make_run()
    trained, waiting = make_trainee(full_name="Lê Thị Hòa"), make_trainee(full_name="Lê Văn An")
    adopt_rule(run)
    make_completion(trained, run, enrollment=make_enrollment(run, trained, state="completed"))
    make_enrollment(run, waiting)
    for asked_for, name in (
        ({"q": "hoa"}, "Lê Thị Hòa"),
        ({"q": waiting.code.lower()}, "Lê Văn An"),
        ({"status": "trained"}, "Lê Thị Hòa"),
        ({"status": "enrolled"}, "Lê Văn An"),
    ):
        (row,) = given(office, **asked_for)
        assert name in row
    scopes = AuditEntry.objects.filter(action="roster_exported").values_list("details__scope")
    assert "hoa" not in str(list(scopes))


def test_an_address_fills_in_ones_own_agency_and_never_a_reason(client):
    own, other = make_agency(), make_agency()
    client.force_login(make_coordinator(own))
    form = client.get(f"/rosters/export/?agency={own.slug}&reason=x").context["form"]
    assert (form["agency"].value(), form.initial) == (own.slug, {"agency": own.slug})
    page = client.get(f"/rosters/export/?agency={other.slug}").content.decode()
    assert f'value="{own.slug}"' in page
    assert f'value="{other.slug}"' not in page


def asked(user, **fields):
    data = {"columns": "full_name", "form": "xlsx"} | fields
    return ExportForm(MultiValueDict({name: [value] for name, value in data.items()}), user=user)


def test_a_class_is_found_however_its_code_is_typed(office):
    run = make_run(code="AI-101-2026-03")
    form = asked(office, run=" ai-101-2026-03 ")
    assert form.is_valid(), form.errors
    assert form.wanted()["run"] == run.code


def test_a_class_that_nobody_knows_is_refused_with_a_sentence(office):
    make_run(code="AI-101-01", state="draft")
    for user, code in ((office, "AI-999"), (make_coordinator(make_agency()), "AI-101-01")):
        for paper in ("", "attendance"):
            form = asked(user, run=code, paper=paper)
            assert len(form.errors["run"]) == 1
            assert code in form.errors["run"][0]


OF_EVERYBODY = pytest.mark.parametrize("paper", ["attendance", "certificates"])


def named(user, **asked_for):
    """The people in the file that a reader requested."""
    cells = [value for row in given(user, **asked_for) for value in row]
    return sorted(value for value in cells if str(value).startswith("Đỗ Thị"))


@OF_EVERYBODY
def test_everybody_in_the_class_is_on_its_paper_whatever_else_was_chosen(office, paper):
    run, agency = make_run(), make_agency()
    for name, sender in (("A", agency), ("B", make_agency())):
        who = make_trainee(sender, full_name=f"Đỗ Thị {name}")
        make_completion(who, run, enrollment=make_enrollment(run, who, state="completed"))
    chosen = {"run": run.code, "agency": agency.slug, "state": "enrolled", "q": "x"}
    assert named(office, **chosen, paper=paper) == ["Đỗ Thị A", "Đỗ Thị B"]
    entry = AuditEntry.objects.get(action="roster_exported")
    assert (entry.details["scope"], entry.details["rows"]) == (f"run={run.code}", 2)


@OF_EVERYBODY
def test_a_paper_of_everybody_is_not_for_those_who_see_a_part_of_the_class(paper):
    run, agency = make_run(), make_agency()
    make_enrollment(run, make_trainee(agency))
    make_enrollment(run)
    for user in (make_coordinator(agency), make_trainer(make_run())):
        assert list(asked(user, run=run.code, paper=paper).errors) == ["paper"]
        for way in (export_requests.stream_export, export_requests.request_export):
            with pytest.raises(RosterError) as refused:
                way(by=user.as_actor(), user=user, wanted=wanted(run=run.code, paper=paper))
            assert refused.value.code == "paper_of_the_whole_class"


def test_a_trainer_gets_the_attendance_sheet_of_the_own_class():
    run = make_run()
    make_enrollment(run, make_trainee(full_name="Đỗ Thị A"))
    assert named(make_trainer(run), run=run.code, paper="attendance") == ["Đỗ Thị A"]


def test_a_nomination_list_asks_for_its_agency(office):
    form = asked(office, run=make_run().code, paper="nomination")
    assert list(form.errors) == ["agency"]
