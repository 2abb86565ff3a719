"""Letters, lines and blocks on the page: what typesetters look at."""

import re
import subprocess
from itertools import pairwise

import pytest

from certificates.pdf import CertificateRenderer, starter_designs
from certificates.services.printed_fields import fields_of
from common.fonts import VIETNAMESE_LETTERS
from tests.certificates.samples import longest, usual
from tests.factories import make_completion, make_run, make_trainee

DESIGNS = {design.slug: design for design in starter_designs()}
# Ê Đê, Gia Rai, Ba Na, Xơ Đăng, Cơ Ho, M'nông, Chăm, Thái, Tày: as they write names in Latin.
MINORITY = "ƀɃčČĕĔĭĬŏŎŭŬñÑǝƎāĀēĒīĪōŌūŪøØěĚǒǑǔǓ" + "jJwWzZfF" + "ơ̆Ơ̆ư̆Ư̆ê̆Ê̆ô̆Ô̆â̆Â̆"
NAMES = ("Y Ƀlŏ Niê Kđăm", "H'Ƀiap Mlô", "Siu Č̆ơ̆k", "Rơ Châm Ƀuôn ŭñ")
# Points. A line's box holds its descenders.
CLOSEST = 4.0


@pytest.fixture(params=DESIGNS, scope="module")
def renderer(request) -> CertificateRenderer:
    return CertificateRenderer(DESIGNS[request.param])


def lines_of(pdf: bytes) -> list[tuple[float, float, str]]:
    """Top, bottom and text of each line."""
    run = subprocess.run(
        ["pdftotext", "-bbox-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    page = run.stdout.decode()
    found = []
    for line in re.findall(r"<line[^>]*>.*?</line>", page, re.DOTALL):
        [(top, bottom)] = re.findall(r'^<line[^>]*yMin="([\d.]+)"[^>]*yMax="([\d.]+)"', line)
        words = re.findall(r"<word[^>]*>(.*?)</word>", line)
        found.append((float(top), float(bottom), " ".join(words)))
    return sorted(found)


def test_every_design_prints_every_letter_of_the_languages_of_vietnam(renderer):
    assert renderer.missing_glyphs(VIETNAMESE_LETTERS + MINORITY) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_a_minority_language_comes_out_as_it_is_written(renderer, name):
    pdf = renderer.render(usual(full_name=name))
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    # Between stacked marks poppler sees gaps where there are none.
    assert name.replace(" ", "") in text.stdout.decode().replace(" ", "")


def test_a_letter_that_no_face_has_is_still_refused(renderer):
    assert renderer.missing_glyphs("Lê 漢") == "漢"


TITLE = "Ứng dụng trí tuệ nhân tạo trong xây dựng chính sách công hiện đại số"


@pytest.mark.parametrize("words", [9, 12, 14])
def test_no_last_word_stands_alone_on_a_line(renderer, words):
    title = " ".join(2 * TITLE.split()[:words])
    pdf = renderer.render(usual(course_title=title, agency=f"Ủy ban nhân dân {title}"[:200]))
    last = title.split()[-1]
    assert last not in [text for _top, _bottom, text in lines_of(pdf)]


LONG = {
    "issuing_body": "CỤC CHUYỂN ĐỔI SỐ QUỐC GIA VÀ PHÁT TRIỂN NGUỒN NHÂN LỰC SỐ NHÀ NƯỚC",
    "parent_body": "BỘ KHOA HỌC VÀ CÔNG NGHỆ NƯỚC CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "decision_number": "1234567/QĐ-BKHCN-CĐSQG-ĐTBD-NNL-CLC",
}


@pytest.mark.parametrize("words", range(3, 15))
def test_no_word_of_authority_body_and_decision_stands_alone(renderer, words):
    authority = "PHÓ CỤC TRƯỞNG CỤC CHUYỂN ĐỔI SỐ QUỐC GIA VÀ PHÁT TRIỂN NGUỒN NHÂN LỰC"
    line = " ".join(authority.split()[:words])
    body = " ".join(LONG["issuing_body"].split()[: words + 2])
    fields = LONG | {"issuing_body": body, "authority": ("TL. BỘ TRƯỞNG", line)}
    alone = {text for _top, _bottom, text in lines_of(renderer.render(usual(**fields)))}
    assert alone.isdisjoint({line.split()[-1], body.split()[-1], "NAM", "2026"})


def test_a_long_issuing_body_leaves_the_title_alone(renderer):
    lines = lines_of(renderer.render(usual(**LONG)))
    title = min(top for top, _bottom, text in lines if "GIẤY CHỨNG NHẬN" in text)
    assert title > max(bottom for _top, bottom, text in lines if text.isupper() and "NƯỚC" in text)


@pytest.mark.parametrize("words", range(4, 30, 5))
def test_the_date_stands_off_the_grade_whatever_the_length(renderer, words):
    title = " ".join((3 * TITLE.split())[:words])
    lines = lines_of(renderer.render(usual(course_title=title, unit=title[:150], **LONG)))
    grade = max(bottom for _top, bottom, text in lines if "Xếp loại" in text)
    date = min(top for top, _bottom, text in lines if re.search(r", ngày \d\d tháng", text))
    assert date - grade >= CLOSEST


@pytest.mark.parametrize("fields", [usual, longest])
def test_the_date_never_touches_the_line_of_the_grade(renderer, fields):
    lines = lines_of(renderer.render(fields()))
    grade = max(bottom for _top, bottom, text in lines if "Xếp loại" in text)
    date = min(top for top, _bottom, text in lines if re.search(r", ngày \d\d tháng", text))
    assert date - grade >= CLOSEST


def test_no_two_lines_of_the_middle_overlap(renderer):
    lines = [line for line in lines_of(renderer.render(longest())) if "Xếp loại" not in line[2]]
    middle = [line for line in lines if "hỗ trợ" in line[2] or "xử lý" in line[2]]
    assert all(second[0] - first[0] > 5 for first, second in pairwise(middle))


@pytest.mark.django_db
def test_the_issuing_body_is_printed_in_capitals(office):
    office.body.parent_name = "Chính phủ"
    completion = make_completion(make_trainee(full_name="Lê An"), make_run())
    printed = fields_of(completion, completion.trainee, office)
    assert printed.issuing_body == "BỘ KHOA HỌC VÀ CÔNG NGHỆ"
    assert printed.parent_body == "CHÍNH PHỦ"
