"""Exports as LibreOffice prints them: pages, font sizes, margins, page numbers."""

import datetime as dt
import re
import shutil
import subprocess
from itertools import pairwise

import pytest

from agencies.models import Agency
from audit.services import SYSTEM
from enrollment.models import Enrollment
from rosters.choices import Paper
from rosters.exporting.lists import export_roster
from rosters.fields import DEFAULT_KEYS, ROSTER_KEYS
from tests.factories import make_agency, make_completion, make_enrollment, make_run, make_trainee

pytestmark = [
    pytest.mark.full,
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("soffice"), reason="needs libreoffice-calc"),
]

PEOPLE = 64
NAMES = ["Hoàng Công Tằng Tôn Nữ Thị Hoàng Ánh", "Lê Văn An", "Nguyễn Thị Ngọc Bích"]
UNITS = [
    "Trung tâm Chuyển đổi số, Sở Thông tin và Truyền thông tỉnh Bà Rịa - Vũng Tàu",
    "Vụ Tổ chức cán bộ",
    "Phòng Quản lý Đào tạo và Hợp tác quốc tế, Học viện Công nghệ Bưu chính Viễn thông",
    "Văn phòng Bộ",
]
A4 = {(595, 842), (842, 595)}
POINTS_PER_MM = 72 / 25.4
# From the foot of a "g" to the top of an accent, by the size of Liberation Serif.
BOX = 1.107
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)<')
PAPERS = [
    pytest.param(Paper.NOMINATION, 6, id="nomination"),
    pytest.param(Paper.ATTENDANCE, 2, id="attendance-upright"),
    pytest.param(Paper.ATTENDANCE, 8, id="attendance-across"),
    pytest.param(Paper.ATTENDANCE, 10, id="attendance-two-pages-wide"),
    pytest.param(Paper.CERTIFICATES, 6, id="certificates"),
]


def people(sessions):
    """A class of people with long names and units, who have all completed."""
    run, agency = make_run(sessions=sessions), make_agency(name_vi="Bộ Nông nghiệp và Môi trường")
    for at in range(PEOPLE):
        who = make_trainee(
            agency,
            full_name=NAMES[at % len(NAMES)],
            birth_date=dt.date(1980, 3, 1 + at % 28),
            personal_number=f"0010801{at:05d}",
            email=f"nguyen.thi.hoang.phuong.{at}@thongtin.example.gov.vn",
            position="Phó Trưởng phòng Quản lý công nghệ",
            unit=UNITS[at % len(UNITS)],
        )
        make_completion(who, run, enrollment=make_enrollment(run, who, state="completed"))
    return run


def printed(run, folder, **how):
    """The pages of the workbook: their size, and their words with their places in points."""
    path, places = folder / "roster.xlsx", Enrollment.objects.all()
    agency = Agency.objects.get(name_vi="Bộ Nông nghiệp và Môi trường")
    pieces = export_roster(
        by=SYSTEM, run=run, enrollments=places, form="xlsx", agency=agency, **how
    )
    path.write_bytes(b"".join(pieces))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    told(["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", folder, path])
    pages = told(["pdftotext", "-bbox", folder / "roster.pdf", "-"]).split("<page ")[1:]
    return [(size(page), [box(found) for found in WORD.findall(page)]) for page in pages]


def told(command):
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True, timeout=300
    )
    return done.stdout


def size(page):
    width, height = re.findall(r'(?:width|height)="([\d.]+)"', page)[:2]
    return round(float(width)), round(float(height))


def box(found):
    left, top, right, bottom, text = found
    return float(left), float(top), float(right), float(bottom), text


def numbers_at_the_top(pages):
    """The numbers that stand in the middle of the top margin, page by page."""
    return [
        [
            text
            for left, _top, right, bottom, text in words
            if bottom < 20 * POINTS_PER_MM and abs((left + right) / 2 - width / 2) < 30
        ]
        for (width, _height), words in pages
    ]


def check(pages):
    """Rules for every sheet: A4, margins, print of ten points, numbers from page 2."""
    assert {size for size, _words in pages} <= A4
    assert numbers_at_the_top(pages) == [[], *([str(at)] for at in range(2, len(pages) + 1))]
    for (width, height), words in pages:
        body = [word for word in words if word[1] > 20 * POINTS_PER_MM - 3 and "─" not in word[4]]
        assert body
        for left, _top, right, bottom, _text in body:
            assert left >= 30 * POINTS_PER_MM - 1
            assert right <= width - 15 * POINTS_PER_MM + 1
            assert bottom <= height - 20 * POINTS_PER_MM + 1
        sizes = [(bottom - top) / BOX for _left, top, _right, bottom, _text in body]
        assert min(sizes) >= 9.9


def test_no_line_is_printed_upon_another(tmp_path):
    run = people(6)
    for paper in (Paper.NOMINATION, Paper.ATTENDANCE, Paper.TABLE):
        for _size, words in printed(run, tmp_path, paper=paper):
            for one, other in pairwise(sorted(words, key=lambda word: (round(word[0]), word[1]))):
                if round(one[0]) == round(other[0]):
                    assert other[1] > one[1] + 8, (one, other)


@pytest.mark.parametrize(("paper", "sessions"), PAPERS)
def test_a_paper_of_a_long_list_is_a_paper_of_the_decree(paper, sessions, tmp_path):
    pages = printed(people(sessions), tmp_path, paper=paper)
    check(pages)
    for _size, words in pages:
        assert "STT" in [word[4] for word in words]


@pytest.mark.parametrize("fields", [DEFAULT_KEYS, ROSTER_KEYS], ids=["usual", "all"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_plain_table_can_be_read_on_paper_with_names_on_each_page(
    fields, language, tmp_path, settings
):
    settings.LANGUAGE_CODE = language
    pages = printed(people(2), tmp_path, fields=fields)
    check(pages)
    for _size, words in pages:
        assert {"Tằng", "Lê", "Nguyễn"} & {word[4] for word in words}


@pytest.mark.parametrize(("paper", "sessions"), PAPERS[1:])
def test_whoever_signs_has_ten_millimetres(paper, sessions, tmp_path):
    for _size, words in printed(people(sessions), tmp_path, paper=paper):
        numbers = [word for word in words if word[4].isdigit() and word[1] > 20 * POINTS_PER_MM]
        column = min((word[0] for word in numbers), default=0)
        rows = sorted(word[1] for word in numbers if word[0] < column + 12)
        assert all(low - high >= 9 * POINTS_PER_MM for high, low in pairwise(rows))
