"""Rosters as official papers: heads, titles, signature blocks, in Vietnamese.

The layout of the parts follows Decree 30/2020/NĐ-CP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise, zip_longest
from typing import Any, Final, TypeAlias

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from agencies.models import Agency
from certificates.services.printed_fields import head_of_class
from common import clock, formats
from common.dates import format_date, format_long
from common.fonts import line_width
from common.spreadsheets import PAPER_POINTS, Column, Frame, Words, lines_of, width_of
from courses.models import CourseRun
from enrollment.models import Completion, NominationLetter
from enrollment.pdf import SESSIONS_A_PAGE, PaperHead
from enrollment.querysets import EnrollmentQuerySet
from rosters.choices import Paper
from rosters.errors import RosterError

Line: TypeAlias = tuple[Words, ...]

# Widths in characters: together they fill a page across, and print stays readable. Every paper
# has the code by which its rows are known when it comes back; it breaks behind its hyphen.
_WIDTHS: Final[dict[str, dict[str, int]]] = {
    Paper.NOMINATION: {
        "index": 6, "full_name": 16, "trainee_code": 14, "birth": 12, "sex": 7, "position": 13,
        "unit": 16, "personal_number": 15, "phone": 13, "email": 12, "remarks": 8,
    },
    Paper.ATTENDANCE: {"index": 6, "full_name": 21, "trainee_code": 14, "unit": 20},
    Paper.CERTIFICATES: {
        "index": 6, "full_name": 24, "trainee_code": 14, "birth": 12, "unit": 28, "grade": 10,
        "register_number": 15, "serial_number": 15,
    },
}  # fmt: skip
# Which columns take the width that is left, in this order: as much as the longest text needs.
_GROWING: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    Paper.NOMINATION: (
        ("remarks", 10), ("email", 28), ("unit", 24), ("position", 17), ("full_name", 22),
        ("unit", 40),
    ),
}  # fmt: skip
# What a page takes across in print of ten points.
_SMALL_PRINT_WIDTH = 150
_TITLES: Final = {
    Paper.NOMINATION: "DANH SÁCH CỬ HỌC VIÊN THAM GIA BỒI DƯỠNG",
    Paper.ATTENDANCE: "DANH SÁCH ĐIỂM DANH",
    Paper.CERTIFICATES: "DANH SÁCH CẤP GIẤY CHỨNG NHẬN",
}
# Who signs at the left; at the right the head of whoever the paper is of.
_ALSO_SIGNS: Final = {
    Paper.NOMINATION: "NGƯỜI LẬP BIỂU",
    Paper.ATTENDANCE: "GIẢNG VIÊN",
    Paper.CERTIFICATES: "NGƯỜI LẬP DANH SÁCH",
}
_NATION, _MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
_HEAD, _SIGNS, _DOTS = "THỦ TRƯỞNG ĐƠN VỊ", "(Ký, ghi rõ họ tên)", "…………"
_BODY = _DOTS * 2  # to be filled in by hand
# Papers that everybody of a class is on, and that who issues its certificates heads and signs.
OF_THE_WHOLE_CLASS: Final = (Paper.ATTENDANCE, Paper.CERTIFICATES)
_SPACE_FOR_A_PEN = 32  # points: two lines of print as well
_PEN_WIDTHS = 11, 20
# What a page takes upright and across without making print smaller.
_PAGE_WIDTHS = 83, 127
_NATION_WIDTH = 50
_RULE, _RULE_SIZE = "─", 6
_LINES_TO_SIGN_ON = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """``columns`` are keys of fields, or columns left empty for pens; ``frame`` is what surrounds
    them.
    """

    columns: tuple[str | Column, ...]
    widths: tuple[int, ...]
    frame: Frame


def fields_on(paper: str) -> tuple[str, ...]:
    return tuple(_WIDTHS[paper])


def layout_of(
    paper: str,
    run: CourseRun | None,
    agency: Agency | None,
    enrollments: EnrollmentQuerySet,
    longest: Mapping[str, int],
) -> Layout:
    """The layout of a run's paper; ``agency`` sends the people of ``enrollments``.

    ``longest`` maps fields to the length of their longest text. Raises RosterError
    ``paper_needs_a_class``.
    """
    if run is None:
        raise RosterError(
            "paper_needs_a_class", _("An official document is for one class; choose the class.")
        )
    widths_of = _widths(paper, longest)
    pages: list[tuple[str | Column, ...]] = [(*widths_of, *pens) for pens in _for_pens(paper, run)]
    columns = tuple(chain.from_iterable(pages))
    widths = tuple(c.width if isinstance(c, Column) else widths_of[c] for c in columns)
    starts = [0, *accumulate(map(len, pages))]
    ends = [_Page.of(widths, *ends) for ends in pairwise(starts)]
    is_of_all = paper in OF_THE_WHOLE_CLASS
    issuer = head_of_class(run) if is_of_all else _head_of_agency(agency)
    letters = _letters(enrollments, issuer) if paper == Paper.NOMINATION else ""
    titles = [_above(Paper(paper), run, issuer, page, letters) for page in ends]
    frame = Frame(
        above=_side_by_side(titles),
        below=_side_by_side([_below(Paper(paper), issuer, page) for page in ends]),
        wrapped=True,
        row_height=_SPACE_FOR_A_PEN if is_of_all else 0,
        breaks=tuple(starts[1:-1]),
    )
    return Layout(columns, widths, frame)


def _widths(paper: str, longest: Mapping[str, int]) -> dict[str, int]:
    widths = dict(_WIDTHS[paper])
    for field, most in _GROWING.get(paper, ()):
        room = _SMALL_PRINT_WIDTH - sum(widths.values())
        wanted = min(most, width_of(longest[field], PAPER_POINTS), widths[field] + room)
        widths[field] = max(widths[field], wanted)
    return widths


def enrollments_on(
    paper: str, enrollments: EnrollmentQuerySet, agency: Agency | None
) -> EnrollmentQuerySet:
    """Who is on a paper: everybody with a seat, with a completion, or sent by the one agency.

    Raises RosterError ``paper_needs_an_agency``.
    """
    if paper == Paper.ATTENDANCE:
        return enrollments.holding_a_seat()
    if paper == Paper.CERTIFICATES:
        results = Completion.objects.not_voided().filter(enrollment=OuterRef("pk"))
        return enrollments.filter(Exists(results))
    if agency is None:
        text = _("A nomination list is signed by one agency; choose the sending agency.")
        raise RosterError("paper_needs_an_agency", text)
    return enrollments.filter(sending_agency=agency)


def _for_pens(paper: str, run: CourseRun) -> list[tuple[Column, ...]]:
    if paper == Paper.CERTIFICATES:
        return [(Column("signature", "Ký nhận", width=20),)]
    if paper != Paper.ATTENDANCE:
        return [()]
    sessions = list(run.sessions.order_by("number").values_list("number", "starts_at"))
    pages = -(-len(sessions) // SESSIONS_A_PAGE) or 1
    each = -(-len(sessions) // pages)
    (least, most), filled = _PEN_WIDTHS, sum(_WIDTHS[paper].values())
    upright, across = _PAGE_WIDTHS
    room = (upright if filled + each * least <= upright else across) - filled
    width = max(least, min(most, room // max(each, 1)))
    columns = [
        Column(f"session_{number}", f"Buổi {number}\n{formats.short_day(starts_at)}", width=width)
        for number, starts_at in sessions
    ]
    return [tuple(columns[at * each : (at + 1) * each]) for at in range(pages)]


def _head_of_agency(agency: Agency | None) -> PaperHead:
    if agency is None:
        return PaperHead()
    return PaperHead(parent=agency.parent.name_vi if agency.parent else "", body=agency.name_vi)


def _letters(enrollments: EnrollmentQuerySet, issuer: PaperHead) -> str:
    found = NominationLetter.objects.filter(enrollments__in=enrollments).distinct()
    named = [f"{letter.number} {format_long(letter.dated)}" for letter in found]
    letters = "; ".join(named) or f"{_DOTS} ngày …… tháng …… năm ………"
    several = "các " if len(named) > 1 else ""
    return f"(Kèm theo {several}Công văn số {letters} của {issuer.body or _BODY})"


@dataclass(frozen=True, slots=True)
class _Page:
    """The columns of one page; its right half begins at ``middle``."""

    first: int
    middle: int
    last: int
    left_width: int

    @classmethod
    def of(cls, widths: Sequence[int], first: int, end: int) -> "_Page":
        """The right half is wide enough for the nation's name in one line."""
        needed = max(_NATION_WIDTH, sum(widths[first:end]) / 2)
        fit = [at for at in range(first + 1, end) if sum(widths[at:end]) >= needed]
        middle = max(fit, default=first + 1)
        return cls(first, middle, end - 1, sum(widths[first:middle]))

    def left(self, text: str, **look: Any) -> Words:
        return Words(text, self.first, self.middle - 1, **look)

    def left_lines(self, text: str, *, bold: bool) -> list[Words]:
        lines = lines_of(text, self.left_width, 12, bold=bold)
        return [self.left(line, bold=bold) for line in lines if line]

    def right(self, text: str, **look: Any) -> Words:
        return Words(text, self.middle, self.last, **look)

    def whole(self, text: str, **look: Any) -> Words:
        return Words(text, self.first, self.last, **look)


def _above(
    paper: Paper, run: CourseRun, issuer: PaperHead, page: _Page, letters: str
) -> list[Line]:
    name, parent = (issuer.body or _BODY).upper(), issuer.parent.upper()
    ruled: dict[str, Any] = {"size": _RULE_SIZE, "at_top": True}
    left = [
        *page.left_lines(parent, bold=False),
        *page.left_lines(name, bold=True),
        page.left(_rule(name, 12, share=0.4), **ruled),
    ]
    right = [
        page.right(_NATION, bold=True),
        page.right(_MOTTO, bold=True, size=13),
        page.right(_rule(_MOTTO, 13), **ruled),
        page.right(f"{issuer.place or _DOTS}, {format_long(clock.today())}", italic=True, size=13),
    ]
    about = f"Lớp {run.code}: {run.course.title_vi}"
    days = f"(từ ngày {format_date(run.starts_on)} đến ngày {format_date(run.ends_on)})"
    return [
        *(tuple(filter(None, halves)) for halves in zip_longest(left, right)),
        (),
        (page.whole(_TITLES[paper], bold=True, size=14),),
        (page.whole(about, bold=True, size=13),),
        *((page.whole(words, italic=True, size=13),) for words in (days, letters) if words),
        (),
    ]


def _below(paper: Paper, issuer: PaperHead, page: _Page) -> list[Line]:
    """Where to sign, in one line, so that no page ends within it."""
    room = "\n" * (_LINES_TO_SIGN_ON + 1)
    look: dict[str, Any] = {"bold": True, "at_top": True}
    capacity = "\n".join(issuer.authority or (_HEAD,))
    if issuer.signer:
        signer = page.right(capacity + room + issuer.signer, **look)
    else:
        signer = page.right(capacity, under=_SIGNS + room, **look)
    return [(), (page.left(_ALSO_SIGNS[paper], under=_SIGNS + room, **look), signer)]


def _rule(text: str, size: int, share: float = 1) -> str:
    font = "LiberationSerif-Bold.ttf"
    length = line_width(text, font, size) * share
    return _RULE * round(length / line_width(_RULE, font, _RULE_SIZE))


def _side_by_side(pages: Sequence[Sequence[Line]]) -> tuple[Line, ...]:
    return tuple(tuple(chain(*lines)) for lines in zip(*pages, strict=True))
