"""Rosters as official papers: heads, title, a table that can be sent back, signatures."""

import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from enrollment.models import Completion, Enrollment
from rosters.choices import Paper
from rosters.errors import RosterError
from rosters.services.exporting import export_roster
from rosters.services.importing import check_roster, read
from tests.factories import (
    make_agency,
    make_completion,
    make_enrollment,
    make_run,
    make_trainee,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Three people of one agency with a seat and a result; two more without, one from elsewhere."""
    run, agency = make_run(), make_agency(name_vi="Bộ Công an")
    for day in range(3):
        who = make_trainee(
            agency,
            full_name=f"Đỗ Thị {'ABC'[day]}",
            birth_date=dt.date(1980, 3, 5 + day),
            position="Chuyên viên",
        )
        make_completion(who, run, enrollment=make_enrollment(run, who, state="completed"))
    for name, state, sender in (("D", "nominated", agency), ("E", "not_completed", make_agency())):
        make_enrollment(run, make_trainee(sender, full_name=f"Đỗ Thị {name}"), state=state)
    return run


@pytest.fixture
def sender(run):
    return Agency.objects.get(name_vi="Bộ Công an")


def written(run, paper, **further):
    pieces = export_roster(
        by=SYSTEM,
        run=run,
        enrollments=Enrollment.objects.all(),
        form="xlsx",
        paper=paper,
        **further,
    )
    return b"".join(pieces)


def lines(content):
    (sheet,) = load_workbook(io.BytesIO(content)).worksheets
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def named(content):
    """The last letters of the names on a paper."""
    return "".join(row[1][-1] for row in lines(content) if row and isinstance(row[0], int))


@pytest.mark.parametrize(
    ("paper", "people"),
    [(Paper.NOMINATION, "ABCD"), (Paper.ATTENDANCE, "ABCE"), (Paper.CERTIFICATES, "ABC")],
)
def test_a_paper_names_those_whom_it_is_for(run, sender, paper, people):
    assert named(written(run, paper, agency=sender)) == people


def test_a_result_that_was_taken_back_gives_no_certificate(run):
    first = Completion.objects.order_by("pk")[0]
    Completion.objects.filter(pk=first.pk).update(voided_at=clock.now(), void_reason="Nhầm")
    assert named(written(run, Paper.CERTIFICATES)) == "BC"


def test_the_entry_on_record_counts_those_on_the_paper(run, sender):
    written(run, Paper.CERTIFICATES, agency=sender)
    entry = AuditEntry.objects.get(deed="roster_exported")
    assert (entry.details["rows"], entry.details["paper"]) == (3, "certificates")


def test_a_nomination_list_is_of_one_agency(run):
    with pytest.raises(RosterError) as refused:
        written(run, Paper.NOMINATION)
    assert refused.value.code == "paper_needs_an_agency"


def test_a_nomination_list_has_heads_title_and_signatures(run, sender):
    found = lines(written(run, Paper.NOMINATION, agency=sender))
    assert found[0] == ["BỘ CÔNG AN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]
    assert found[1] == ["Độc lập - Tự do - Hạnh phúc"]
    assert found[3] == ["DANH SÁCH CỬ HỌC VIÊN THAM GIA BỒI DƯỠNG"]
    assert found[7][:3] == ["STT", "Họ và tên", "Ngày sinh"]
    assert [row[:2] for row in found[8:11]] == [[1, "Đỗ Thị A"], [2, "Đỗ Thị B"], [3, "Đỗ Thị C"]]
    assert found[-2:] == [["NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"], ["(Ký, ghi rõ họ tên)"] * 2]


def test_an_attendance_sheet_has_a_column_for_each_session(run):
    (heads,) = [row for row in lines(written(run, Paper.ATTENDANCE)) if "STT" in row]
    assert [head.split("\n")[0] for head in heads[3:]] == [
        f"Buổi {number}" for number in run.sessions.values_list("number", flat=True)
    ]


def test_the_list_for_certificates_leaves_room_to_sign(run):
    (heads,) = [row for row in lines(written(run, Paper.CERTIFICATES)) if "STT" in row]
    assert heads[-1] == "Ký nhận"


@pytest.mark.parametrize("paper", [Paper.TABLE, Paper.NOMINATION, Paper.CERTIFICATES])
@pytest.mark.parametrize("people", [1, 3])
def test_what_came_out_goes_in_again_without_a_change(run, sender, paper, people):
    kept = (
        Enrollment.objects.filter(state="completed")
        .order_by("pk")[:people]
        .values_list("pk", flat=True)
    )
    Enrollment.objects.exclude(pk__in=list(kept)).update(state="cancelled")
    roster = read(written(run, paper, agency=sender), "x.xlsx", run)
    report = check_roster(roster=roster, run=run, agency=sender)
    assert {result.outcome for result in report.results} == {"unchanged"}
    assert len(report.results) == people


def test_a_paper_is_of_one_class(run):
    with pytest.raises(RosterError) as refused:
        list(
            export_roster(
                by=SYSTEM, enrollments=Enrollment.objects.all(), form="xlsx", paper=Paper.NOMINATION
            )
        )
    assert refused.value.code == "paper_needs_a_class"
