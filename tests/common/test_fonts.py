import pytest

from common.errors import DomainError
from common.fonts import VIETNAMESE_LETTERS, characters, find_font, line_width, missing_from

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
def test_missing_letters_are_told_once(text, missing):
    assert missing_from(text, (SERIF, DISPLAY)) == missing


def test_a_line_grows_with_its_letters_and_its_size():
    narrow = line_width("Lý Ý", SERIF, 12)
    assert narrow < line_width("Lý Ý Nhi", SERIF, 12)
    assert line_width("Lý Ý", SERIF, 24) == pytest.approx(2 * narrow)
