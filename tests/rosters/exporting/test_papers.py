"""Official papers: heads, titles, signatures, and a table that can be imported."""

import datetime as dt
import io

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM
from certificates.models import IssuingBody, IssuingTerms, Signer
from common import clock
from common.fonts import line_width
from common.spreadsheets import PAPER_POINTS, lines_of
from enrollment.models import Completion, Enrollment, NominationLetter
from people.models import Trainee
from rosters.choices import Paper
from rosters.errors import RosterError
from rosters.exporting.lists import export_roster
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
    """Three people of one agency with seat and completion; two without, one of them elsewhere."""
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
def test_a_paper_lists_the_people_it_is_for(run, sender, paper, people):
    assert named(written(run, paper, agency=sender)) == people


def test_a_voided_completion_is_on_no_list_for_certificates(run):
    first = Completion.objects.order_by("pk")[0]
    Completion.objects.filter(pk=first.pk).update(voided_at=clock.now(), void_reason="Nhầm")
    assert named(written(run, Paper.CERTIFICATES)) == "BC"


def test_the_entry_on_record_counts_those_on_the_paper(run, sender):
    written(run, Paper.CERTIFICATES, agency=sender)
    entry = AuditEntry.objects.get(action="roster_exported")
    assert (entry.details["rows"], entry.details["paper"]) == (3, "certificates")


def test_a_nomination_list_is_of_one_agency(run):
    with pytest.raises(RosterError) as refused:
        written(run, Paper.NOMINATION)
    assert refused.value.code == "paper_needs_an_agency"


def test_a_nomination_list_has_heads_title_and_signatures(run, sender):
    found = lines(written(run, Paper.NOMINATION, agency=sender))
    assert found[0] == ["BỘ CÔNG AN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]
    assert found[1][1] == "Độc lập - Tự do - Hạnh phúc"
    assert found[5] == ["DANH SÁCH CỬ HỌC VIÊN THAM GIA BỒI DƯỠNG"]
    assert found[10][:4] == ["STT", "Họ và tên", "Mã học viên", "Ngày sinh"]
    assert [row[:2] for row in found[11:14]] == [[1, "Đỗ Thị A"], [2, "Đỗ Thị B"], [3, "Đỗ Thị C"]]
    assert [text.split("\n")[:2] for text in found[-1]] == [
        ["NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)"],
        ["THỦ TRƯỞNG ĐƠN VỊ", "(Ký, ghi rõ họ tên)"],
    ]


def sent_with(run, sender, number, dated, *names):
    """Whose names these are came with a letter."""
    letter = NominationLetter.objects.create(
        run=run, agency=sender, number=number, dated=dated, recorded_by="test"
    )
    run.enrollments.filter(trainee__full_name__in=names).update(letter=letter)


def test_a_nomination_list_names_the_letter_that_it_goes_along_with(run, sender):
    sent_with(run, sender, "123/BCA-X01", dt.date(2026, 2, 5), "Đỗ Thị A", "Đỗ Thị B")
    assert lines(written(run, Paper.NOMINATION, agency=sender))[8] == [
        "(Kèm theo Công văn số 123/BCA-X01 ngày 05 tháng 02 năm 2026 của Bộ Công an)"
    ]


def test_a_nomination_list_names_every_letter_of_those_on_it_and_no_other(run, sender):
    sent_with(run, sender, "9/BCA-X01", dt.date(2026, 2, 9), "Đỗ Thị C")
    sent_with(run, sender, "5/BCA-X01", dt.date(2026, 2, 5), "Đỗ Thị A", "Đỗ Thị B")
    sent_with(run, sender, "7/BCA-X01", dt.date(2026, 2, 7), "Đỗ Thị Đ")
    (found,) = lines(written(run, Paper.NOMINATION, agency=sender))[8]
    assert found == (
        "(Kèm theo các Công văn số 5/BCA-X01 ngày 05 tháng 02 năm 2026; "
        "9/BCA-X01 ngày 09 tháng 02 năm 2026 của Bộ Công an)"
    )


def test_a_letter_that_is_not_known_is_left_to_a_pen(run, sender):
    assert lines(written(run, Paper.NOMINATION, agency=sender))[8] == [
        "(Kèm theo Công văn số ………… ngày …… tháng …… năm ……… của Bộ Công an)"
    ]


def columns_of(content):
    """Heading → width in characters."""
    (sheet,) = load_workbook(io.BytesIO(content)).worksheets
    heads = next(row for row in sheet.iter_rows() if row[0].value == "STT")
    columns = [sheet.column_dimensions[get_column_letter(at)] for at in range(1, len(heads) + 1)]
    return {head.value: round(one.width) for head, one in zip(heads, columns, strict=True)}


def test_an_address_of_usual_length_takes_one_line_of_a_nomination_list(run, sender):
    address = "nguyen.thi.an@moj.gov.vn"
    Trainee.objects.update(email=address, unit="Trung tâm Chuyển đổi số, Sở Khoa học và Công nghệ")
    widths = columns_of(written(run, Paper.NOMINATION, agency=sender))
    assert lines_of(address, widths["Thư điện tử"], PAPER_POINTS, bold=False) == [address]
    assert sum(widths.values()) <= 150


@pytest.mark.parametrize("length", [0, 10, 60, 200])
def test_a_nomination_list_never_outgrows_its_page(run, sender, length):
    text = ("chuyên viên " * 20)[:length].rstrip()
    Trainee.objects.update(unit=text, position=text[:150], email=f"{'a' * length}@gov.vn")
    Enrollment.objects.update(remarks=text, position="", unit="")
    widths = columns_of(written(run, Paper.NOMINATION, agency=sender))
    assert sum(widths.values()) <= 150
    assert all(width >= 6 for width in widths.values())


def test_columns_that_nobody_fills_leave_their_room_to_others(run, sender):
    Trainee.objects.update(unit="Trung tâm Chuyển đổi số, Sở Khoa học và Công nghệ")
    wide = columns_of(written(run, Paper.NOMINATION, agency=sender))
    Trainee.objects.update(email="nguyen.thi.an@moj.gov.vn")
    Enrollment.objects.update(remarks="Đã bồi dưỡng khóa trước")
    narrow = columns_of(written(run, Paper.NOMINATION, agency=sender))
    assert wide["Đơn vị công tác"] > narrow["Đơn vị công tác"]
    assert wide["Ghi chú"] < narrow["Ghi chú"]


def test_rules_stand_under_the_issuing_body_and_as_long_as_the_motto_under_it(run):
    parent = make_agency(name_vi="Bộ Y tế")
    department = make_agency(name_vi="Cục Quản lý Dược", parent=parent)
    make_enrollment(run, make_trainee(department))
    found = lines(written(run, Paper.NOMINATION, agency=department))
    assert [row[0] for row in found[:2]] == ["BỘ Y TẾ", "CỤC QUẢN LÝ DƯỢC"]
    short, long = found[2]
    assert set(short + long) == {"─"}
    motto = line_width("Độc lập - Tự do - Hạnh phúc", "LiberationSerif-Bold.ttf", 13)
    assert line_width(long, "LiberationSerif-Bold.ttf", 6) == pytest.approx(motto, abs=1)
    assert len(short) < len(long)


OF_EVERYBODY = pytest.mark.parametrize("paper", [Paper.ATTENDANCE, Paper.CERTIFICATES])


@pytest.fixture
def issuer(db):
    """Who issues certificates, and who signs for them today."""
    body = IssuingBody.objects.create(
        name="Vụ Tổ chức cán bộ", parent_name="Bộ Công Thương", place="Hà Nội"
    )
    return Signer.objects.create(
        body=body, name="Lê Hằng", title="Bộ trưởng, Vụ trưởng", authority="TL."
    )


@OF_EVERYBODY
def test_a_paper_of_everybody_is_headed_and_signed_by_who_issues_certificates(
    run, sender, issuer, paper
):
    with clock.set_to(dt.date(2026, 11, 22)):
        found = lines(written(run, paper, agency=sender))
    assert [row[0] for row in found[:2]] == ["BỘ CÔNG THƯƠNG", "VỤ TỔ CHỨC CÁN BỘ"]
    assert found[3] == ["Hà Nội, ngày 22 tháng 11 năm 2026"]
    signed = [line for line in found[-1][1].split("\n") if line]
    assert signed == ["TL. BỘ TRƯỞNG", "VỤ TRƯỞNG", "Lê Hằng"]


def test_the_terms_of_a_class_say_who_signs_its_papers(run, issuer):
    other = Signer.objects.create(body=issuer.body, name="Trần Vinh", title="Bộ trưởng")
    Signer.objects.create(body=issuer.body, name="Đỗ Mai", title="Thứ trưởng")
    IssuingTerms.objects.create(run=run, signer=other)
    assert lines(written(run, Paper.CERTIFICATES))[-1][1].endswith("Trần Vinh")


@OF_EVERYBODY
def test_where_nobody_issues_head_and_signature_are_left_to_pens(run, paper):
    found = lines(written(run, paper))
    assert found[0][0].strip("…") == ""
    assert found[-1][1].split("\n")[:2] == ["THỦ TRƯỞNG ĐƠN VỊ", "(Ký, ghi rõ họ tên)"]


def test_an_issuing_body_of_a_long_name_leaves_the_lines_beside_it_as_they_are():
    run, name = make_run(sessions=2), "Bộ Nông nghiệp và Phát triển nông thôn"
    IssuingBody.objects.create(name=name)
    found = lines(written(run, Paper.ATTENDANCE))
    assert " ".join(row[0] for row in found[:3]) == name.upper()
    assert [row[1] for row in found[:2]] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
    ]  # fmt: skip


@OF_EVERYBODY
def test_rows_leave_room_to_sign(run, paper):
    (sheet,) = load_workbook(io.BytesIO(written(run, paper))).worksheets
    rows = [row[0].row for row in sheet.iter_rows() if isinstance(row[0].value, int)]
    assert rows
    assert all(sheet.row_dimensions[row].height >= 30 for row in rows)


def test_sessions_that_one_page_has_no_room_for_go_on_pages_with_names_and_heads():
    run = make_run(sessions=10)
    make_enrollment(run, make_trainee(full_name="Đỗ Thị A"))
    content = written(run, Paper.ATTENDANCE)
    (sheet,) = load_workbook(io.BytesIO(content)).worksheets
    (beyond,) = [mark.id for mark in sheet.col_breaks.brk]
    (row,) = [row for row in lines(content) if row and isinstance(row[0], int)]
    code = Trainee.objects.get().code
    assert row == [1, "Đỗ Thị A", code, 1, "Đỗ Thị A", code]
    assert sheet.cell(6, 1).value == sheet.cell(6, beyond + 1).value == "DANH SÁCH ĐIỂM DANH"
    heads = [str(cell.value) for cell in sheet[10]]
    assert [head.split("\n")[0] for head in heads[beyond:]] == [
        "STT", "Họ và tên", "Mã học viên", "Đơn vị công tác",
        *(f"Buổi {number}" for number in range(6, 11)),
    ]  # fmt: skip


@pytest.mark.parametrize(("sessions", "orientation"), [(2, "portrait"), (6, "landscape")])
def test_an_attendance_sheet_stands_upright_while_its_sessions_have_room(sessions, orientation):
    run = make_run(sessions=sessions)
    make_enrollment(run)
    (sheet,) = load_workbook(io.BytesIO(written(run, Paper.ATTENDANCE))).worksheets
    assert sheet.page_setup.orientation == orientation


def test_an_attendance_sheet_has_a_column_for_each_session(run):
    (heads,) = [row for row in lines(written(run, Paper.ATTENDANCE)) if "STT" in row]
    assert [head.split("\n")[0] for head in heads[4:]] == [
        f"Buổi {number}" for number in run.sessions.values_list("number", flat=True)
    ]


def test_the_list_for_certificates_leaves_room_to_sign(run):
    (heads,) = [row for row in lines(written(run, Paper.CERTIFICATES)) if "STT" in row]
    assert heads[-1] == "Ký nhận"


def test_a_paper_is_of_one_class(run):
    with pytest.raises(RosterError) as refused:
        list(
            export_roster(
                by=SYSTEM, enrollments=Enrollment.objects.all(), form="xlsx", paper=Paper.NOMINATION
            )
        )
    assert refused.value.code == "paper_needs_a_class"
