import datetime as dt
import re
import subprocess
from pathlib import Path

import pytest

from common.errors import DomainError
from common.fonts import VIETNAMESE_LETTERS, characters, find_font, line_width, missing_from
from common.pdf import Asset, Metadata, render_pdf
from tests.pdfs import letters_of

# Words in which two marks meet on one letter, as names and documents have them.
COMPOSED = "Nguyễn Thị Ánh Tuyết Hướng dẫn nghiệp vụ Ủy ban ƯỚC NGUYỆN PHƯỢNG HOÀNG Quỳnh Kỹ Ỷ"
SERIF, DISPLAY = "LiberationSerif-Regular.ttf", "EBGaramond12-Regular.otf"


@pytest.mark.parametrize("file_name", [SERIF, DISPLAY])
def test_a_font_found_has_every_vietnamese_letter(file_name):
    assert set(map(ord, VIETNAMESE_LETTERS)) <= characters(file_name)


def test_an_old_file_of_the_same_name_without_vietnamese_is_passed_over(tmp_path, settings):
    from fontTools.subset import main as subset

    poor = tmp_path / "a" / SERIF
    poor.parent.mkdir()
    subset([str(find_font(SERIF)), "--text=abc", f"--output-file={poor}"])
    settings.FONT_DIRS = [tmp_path, find_font(SERIF).parent]
    try:
        find_font.cache_clear()
        assert find_font(SERIF) != poor
    finally:
        find_font.cache_clear()


def test_a_font_that_is_not_installed_is_named():
    with pytest.raises(DomainError, match=r"NoSuchFont\.ttf") as refused:
        find_font("NoSuchFont.ttf")
    assert refused.value.code == "font_missing"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Nguyễn Thị Ánh Tuyết – “ừ”", ""),
        ("Nguye\u0302\u0303n", ""),
        ("李 Ly 李", "李"),
        ("Lan\u200b\u202e\n", "\u200b\u202e\n"),
    ],
)
def test_missing_letters_are_reported_once(text, missing):
    assert missing_from(text, characters(SERIF) & characters(DISPLAY)) == missing


def test_a_line_grows_with_its_letters_and_its_size():
    narrow = line_width("Lý Ý", SERIF, 12)
    assert narrow < line_width("Lý Ý Nhi", SERIF, 12)
    assert line_width("Lý Ý", SERIF, 24) == pytest.approx(2 * narrow)


def embedded_fonts() -> list[str]:
    """Every font file that a design or document of ours embeds."""
    root = Path(__file__).resolve().parents[2]
    sources = [*root.glob("certificates/designs/*/page.css")]
    for app in ("certificates", "enrollment", "profiles", "targets"):
        sources += root.glob(f"{app}/**/*.py")
    text = "".join(path.read_text("utf-8") for path in sources)
    return sorted(set(re.findall(r"[\w-]+\.(?:ttf|otf)", text)))


def test_the_fonts_looked_at_are_those_that_are_embedded():
    assert {SERIF, DISPLAY} <= set(embedded_fonts())


@pytest.mark.parametrize("file_name", embedded_fonts())
def test_every_vietnamese_letter_survives_in_every_embedded_font(file_name, tmp_path):
    page = f"<html lang=vi><title>x</title><p>{VIETNAMESE_LETTERS}</p><p>{COMPOSED}</p></html>"
    style = f'@font-face{{font-family:F;src:url("asset:{file_name}")}}'
    style += "p{font:9pt F;overflow-wrap:anywhere}"
    content = render_pdf(
        page,
        metadata=Metadata(
            title="x", created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), identifier=b"0" * 16
        ),
        stylesheets=[style],
        assets={file_name: Asset(find_font(file_name).read_bytes(), "font/ttf")},
    )
    path = tmp_path / "letters.pdf"
    path.write_bytes(content)
    used = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True)
    assert len(used.stdout.splitlines()) == 3, used.stdout  # a heading of two lines, one font
    letters = letters_of(content)
    assert VIETNAMESE_LETTERS in letters
    assert COMPOSED.replace(" ", "") in letters
