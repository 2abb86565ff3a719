"""Rosters as official papers: heads, title, signature blocks; in Vietnamese as the decree asks.

Places of the parts: Decree 30/2020/NĐ-CP. Columns: FACTS, "Columns of a nomination roster".
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from common import clock
from common.dates import format_date, format_long
from common.spreadsheets import Column, Frame, Words
from courses.models import CourseRun
from enrollment.models import Completion
from enrollment.querysets import EnrollmentQuerySet
from rosters.choices import Paper
from rosters.errors import RosterError

_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    Paper.NOMINATION: (
        "index", "full_name", "birth", "sex", "position", "unit", "personal_number", "phone",
        "email", "note",
    ),
    Paper.ATTENDANCE: ("index", "full_name", "unit"),
    Paper.CERTIFICATES: (
        "index", "full_name", "birth", "unit", "grade", "register_number", "serial_number",
    ),
}  # fmt: skip
_TITLES: Final = {
    Paper.NOMINATION: "DANH SÁCH CỬ HỌC VIÊN THAM GIA BỒI DƯỠNG",
    Paper.ATTENDANCE: "DANH SÁCH ĐIỂM DANH",
    Paper.CERTIFICATES: "DANH SÁCH CẤP GIẤY CHỨNG NHẬN",
}
_SIGNERS: Final = {
    Paper.NOMINATION: ("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"),
    Paper.ATTENDANCE: ("GIẢNG VIÊN", "NGƯỜI LẬP DANH SÁCH"),
    Paper.CERTIFICATES: ("NGƯỜI LẬP DANH SÁCH", "THỦ TRƯỞNG ĐƠN VỊ"),
}
_NATION, _MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are filled, those that stay empty for pens, and what stands around."""

    fields: tuple[str, ...]
    empty: tuple[Column, ...]
    frame: Frame


def layout_of(paper: str, run: CourseRun | None, agency: Agency | None) -> Layout:
    """How a paper of a run is laid out; ``agency`` is the one that sends or issues it.

    Raises RosterError ``paper_needs_a_class``.
    """
    if run is None:
        raise RosterError(
            "paper_needs_a_class", _("An official paper is of one class; choose the class.")
        )
    fields, empty = _FIELDS[paper], _for_pens(paper, run)
    return Layout(fields, empty, _frame(Paper(paper), run, agency, len(fields) + len(empty)))


def places_on(paper: str, places: EnrollmentQuerySet, agency: Agency | None) -> EnrollmentQuerySet:
    """Whom a paper names: who has a seat, who has completed, whom its one agency sends.

    Raises RosterError ``paper_needs_an_agency``.
    """
    if paper == Paper.ATTENDANCE:
        return places.holding_a_seat()
    if paper == Paper.CERTIFICATES:
        standing = Completion.objects.standing().filter(enrollment=OuterRef("pk"))
        return places.filter(Exists(standing))
    if agency is None:
        raise RosterError(
            "paper_needs_an_agency",
            _("A nomination list is signed by one agency; choose the sending agency."),
        )
    return places.filter(sending_agency=agency)


def _for_pens(paper: str, run: CourseRun) -> tuple[Column, ...]:
    if paper == Paper.CERTIFICATES:
        return (Column("signature", "Ký nhận", width=16),)
    if paper != Paper.ATTENDANCE:
        return ()
    sessions = run.sessions.order_by("number").values_list("number", "starts_at")
    return tuple(
        Column(f"session_{number}", f"Buổi {number}\n{_day(starts_at)}", width=12)
        for number, starts_at in sessions
    )


def _day(moment: dt.datetime) -> str:
    return format_date(timezone.localtime(moment, clock.HANOI).date())


def _frame(paper: Paper, run: CourseRun, agency: Agency | None, columns: int) -> Frame:
    last, middle = columns - 1, max(1, columns // 2)

    def line(left: str, right: str, *, bold: bool = False, italic: bool = False) -> Sequence[Words]:
        return tuple(
            Words(text, first, until, bold=bold, italic=italic)
            for text, first, until in ((left, 0, middle - 1), (right, middle, last))
            if text
        )

    parent = agency.parent.name_vi.upper() if agency and agency.parent else ""
    own = agency.name_vi.upper() if agency else "…………………"
    about = f"Lớp {run.code}: {run.course.title_vi}"
    days = f"(từ ngày {format_date(run.starts_on)} đến ngày {format_date(run.ends_on)})"
    above = (
        line(parent or own, _NATION, bold=True),
        line(own if parent else "", _MOTTO, bold=True),
        line("", f"…………, {format_long(clock.today())}", italic=True),
        (Words(_TITLES[paper], 0, last, bold=True, size=14),),
        (Words(about, 0, last, bold=True),),
        (Words(days, 0, last, italic=True),),
        (),
    )
    signs = "(Ký, ghi rõ họ tên)"
    below = ((), line(*_SIGNERS[paper], bold=True), line(signs, signs, italic=True))
    return Frame(tuple(map(tuple, above)), tuple(map(tuple, below)), filtered=False)
