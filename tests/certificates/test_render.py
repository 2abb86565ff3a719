import datetime as dt
import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import segno
from PIL import Image

from certificates.pdf import CertificateFields, CertificateRenderer, starter_designs
from certificates.pdf.page import QR_MASK, qr_png
from common.errors import DomainError
from common.fonts import VIETNAMESE_LETTERS
from common.pdf import Attachment
from tests.certificates.samples import CODE, URL, longest, shortest, usual
from tests.pdfs import complaints_of_qpdf, letters_of, page_count, text_of
from tests.validators.vera import broken_rules

SAMPLES = {"shortest": shortest, "usual": usual, "longest": longest}
CREDENTIAL = Attachment("credential.json", '{"tên": "Ánh"}'.encode(), "Open Badges 3.0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every sample of every starter design, with and without a credential, as files."""
    folder = tmp_path_factory.mktemp("certificates")
    for design in starter_designs():
        making = CertificateRenderer(design)
        for name, sample in SAMPLES.items():
            path = folder / f"{design.slug}-{name}.pdf"
            path.write_bytes(making.render(sample()))
        path = folder / f"{design.slug}-credential.pdf"
        path.write_bytes(making.render(longest(), attachments=[CREDENTIAL]))
    return folder


def test_every_sample_is_pdf_a_3a_and_pdf_ua_1(folder):
    verdicts = broken_rules(sorted(folder.glob("*.pdf")))
    assert {key: rules for key, rules in verdicts.items() if rules} == {}


def test_every_sample_is_one_page_of_at_most_110_kb(folder):
    for path in folder.glob("*.pdf"):
        assert page_count(path) == 1, path.name
        assert path.stat().st_size <= 110_000, path.name


def test_qpdf_finds_nothing_wrong(folder):
    complaints = [complaints_of_qpdf(path) for path in folder.glob("*.pdf")]
    assert "".join(complaints) == ""


def test_every_field_is_printed(renderer):
    text = text_of(renderer.render(usual()))
    for printed in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BỘ THÔNG TIN VÀ TRUYỀN THÔNG",
        "CỤC CHUYỂN ĐỔI SỐ QUỐC GIA",
        "GIẤY CHỨNG NHẬN",
        "Chứng nhận ông/bà",
        "Nguyễn Thị Ánh Tuyết",
        "Sinh ngày: 05/03/1985",
        "Chức vụ: Chuyên viên chính",
        "Trung tâm Công nghệ thông tin, Ủy ban nhân dân tỉnh Thừa Thiên Huế",
        "Ứng dụng trí tuệ nhân tạo trong phân tích dữ liệu và hoạch định chính sách",
        "Applied AI for Data Analysis and Policy Making",
        "Lớp: AI-DATA-2024-01",
        "Từ ngày 03/06/2024 đến ngày 05/06/2024",
        "Thời lượng: 24 tiết",
        "Xếp loại: Giỏi",
        "Số hiệu: A 0012345",
        "Số vào sổ cấp chứng nhận: 0012/2024/AI",
        "Quyết định số 45/QĐ-CĐSQG ngày 28 tháng 6 năm 2024",
        "Hà Nội, ngày 05 tháng 7 năm 2024",
        "TL. BỘ TRƯỞNG",
        "Nguyễn Phương Hằng",
        CODE,
        URL,
    ):
        assert printed in text


def test_a_long_name_stays_whole(renderer):
    assert "Công Huyền Tôn Nữ Nguyễn Phước Thị Bích Phượng Hoàng" in text_of(
        renderer.render(longest())
    )


@pytest.mark.parametrize("field", ["full_name", "course_title", "agency", "course_title_en"])
def test_every_vietnamese_letter_comes_out_as_it_went_in(renderer, field):
    words = " ".join(VIETNAMESE_LETTERS[i : i + 9] for i in range(0, len(VIETNAMESE_LETTERS), 9))
    letters = letters_of(renderer.render(usual(**{field: words})))
    assert VIETNAMESE_LETTERS in letters


def test_a_decomposed_name_is_printed_composed(renderer):
    decomposed = "Nguye\u0302\u0303n Thi\u0323 A\u0301nh"
    assert "Nguyễn Thị Ánh" in text_of(renderer.render(usual(full_name=decomposed)))


def test_markup_in_a_name_is_escaped(renderer):
    name = "<b>Lan</b> & <img src=x>"
    assert name in text_of(renderer.render(usual(full_name=name)))


def test_a_bare_birth_year_is_called_a_year(renderer):
    assert "Năm sinh: 1985" in text_of(renderer.render(usual(birth=1985)))


@pytest.mark.parametrize(
    ("day", "printed"),
    [
        (dt.date(2026, 1, 9), "ngày 09 tháng 01 năm 2026"),
        (dt.date(2026, 3, 10), "ngày 10 tháng 3 năm 2026"),
    ],
)
def test_dates_are_written_as_in_official_documents(renderer, day, printed):
    assert f"Hà Nội, {printed}" in text_of(renderer.render(usual(issued_on=day)))


def test_the_same_fields_give_the_same_bytes(renderer):
    first = renderer.render(usual(), attachments=[CREDENTIAL])
    renderer.render(longest())
    assert renderer.render(usual(), attachments=[CREDENTIAL]) == first
    assert (
        CertificateRenderer(starter_designs()[0]).render(usual(), attachments=[CREDENTIAL]) == first
    )


def test_another_process_makes_the_same_bytes(renderer):
    program = (
        "import sys, django; django.setup();"
        "from certificates.pdf import CertificateRenderer, starter_designs;"
        "from tests.certificates.samples import usual;"
        "sys.stdout.buffer.write(CertificateRenderer(starter_designs()[0]).render(usual()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima"}
    environment["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env=environment
    )
    assert run.stdout == renderer.render(usual())


def test_another_field_gives_another_file_identifier(renderer, tmp_path):
    identifiers = set()
    for grade in ("Giỏi", "Khá"):
        path = tmp_path / "one.pdf"
        path.write_bytes(renderer.render(usual(grade=grade)))
        with pikepdf.open(path) as opened:
            identifiers.add(bytes(opened.trailer.ID[0]))
    assert len(identifiers) == 2


def test_the_qr_code_has_a_text_for_those_who_cannot_see_it(folder):
    path = next(folder.glob("*-usual.pdf"))
    with pikepdf.open(path) as opened:
        alternatives = [
            str(thing.Alt)
            for thing in opened.objects
            if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing
        ]
    assert alternatives == [f"Mã QR dẫn đến trang tra cứu {URL}"]


def test_every_qr_code_has_the_same_mask():
    for last in "23456789":
        symbol = segno.make_qr(URL[:-1] + last, error="m", mask=QR_MASK)
        cells = bytes(0 if dark else 255 for row in symbol.matrix for dark in row)
        with Image.open(io.BytesIO(qr_png(URL[:-1] + last))) as drawn:
            assert drawn.reduce(8).tobytes() == cells


def test_the_attachment_is_found_in_the_file(folder):
    with pikepdf.open(next(folder.glob("*-credential.pdf"))) as opened:
        attached = opened.attachments["credential.json"]
        assert attached.get_file().read_bytes() == CREDENTIAL.content
        assert attached.relationship == pikepdf.Name.Source


@pytest.mark.parametrize("unprintable", ["Lan \u202eAnh", "Lan\u200bAnh", "Lan 李", "Lan\nAnh"])
def test_what_the_fonts_cannot_print_is_refused(renderer, unprintable):
    with pytest.raises(DomainError) as refused:
        renderer.render(usual(full_name=unprintable))
    assert refused.value.code == "missing_glyphs"


def test_missing_glyphs_names_each_letter_once(renderer):
    assert renderer.missing_glyphs("Ánh 李李 и\u200b") == "李\u200b"


@pytest.mark.parametrize("name", ["Nguyễn " * 60, "N" * 301])
def test_what_fits_on_no_page_is_refused(renderer, name):
    with pytest.raises(DomainError) as refused:
        renderer.render(usual(full_name=name))
    assert refused.value.code == "does_not_fit"


def test_a_name_of_200_letters_still_makes_one_page(renderer, tmp_path):
    path = tmp_path / "long.pdf"
    path.write_bytes(renderer.render(usual(full_name=("Nguyễn " * 29).strip())))
    assert page_count(path) == 1


def test_fields_survive_their_json_form():
    for sample in (usual(), shortest(), longest()):
        assert CertificateFields.from_json(sample.to_json()) == sample


def test_a_design_that_prints_an_unknown_field_is_refused():
    design = replace(starter_designs()[0], html="<p>{{ full_nam }}</p>")
    with pytest.raises(DomainError) as refused:
        CertificateRenderer(design)
    assert refused.value.code == "design_invalid"


def test_a_design_that_reaches_for_a_file_is_refused():
    design = starter_designs()[0]
    design = replace(design, css=design.css + "body{background:url(file:///etc/passwd)}")
    with pytest.raises(DomainError) as refused:
        CertificateRenderer(design).render(usual())
    assert refused.value.code == "blocked_resource"


def test_there_is_one_default_design():
    assert [design.is_default for design in starter_designs()].count(True) == 1
