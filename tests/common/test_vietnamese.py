"""Keys of Vietnamese text: ICU's order, and spellings that are one name."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.vietnamese import (
    MATCH_KEY_LENGTH,
    SORT_KEY_LENGTH,
    match_key,
    name_sort_key,
    search_key,
    sort_key,
    tidy,
)


def listed(text):
    return text.split()


# What ICU's vi collation says (read off PostgreSQL's vi-x-icu).
ICU_ORDER = listed("""
An Anh Ánh Ăn Ân Ẩn Ấn Bình Bính Châu Chi Cường Dung Dũng Đạt Đức Em Ê Giang Hà Hạ Hải Hoa Hòa
Hùng Hưng Khoa Lan Lân Ma Mà Mả Mã Má Mạ Mai Mây Nga Ngân Oanh Ô Ơ Phúc Quân Tám Tâm Thảo Thạo
Thư Thử Tú Tuấn Tứ Uyên Ưng Vân Vần Xuân Ý Yên Yến
""")

SYLLABLES = listed("""
Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Đỗ Lý Âu Ứng Văn Thị Đức Như Hòa Thủy Tuấn Ân Anh Ánh Quý My
Khoẻ Hoè Tuý Uyên Hen Brêu
""")
names = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=5).map(" ".join)
letters = st.text(st.sampled_from("aAàÁãạăằÂậbdđĐeéÊệiịoòÔỗơợuùưựyỳỹxz '’-"), max_size=40)


def test_given_names_sort_as_icu_sorts_them():
    shuffled = random.Random(1).sample(ICU_ORDER, len(ICU_ORDER))
    assert sorted(shuffled, key=sort_key) == ICU_ORDER


def test_a_roster_sorts_by_given_name_and_then_by_the_rest():
    roster = ["Lê Văn An", "Đỗ Thị An", "Nguyễn Thị Anh", "Trần An", "Dương An", "Võ Ánh"]
    assert sorted(roster, key=name_sort_key) == [
        "Dương An",
        "Đỗ Thị An",
        "Lê Văn An",
        "Trần An",
        "Nguyễn Thị Anh",
        "Võ Ánh",
    ]


def test_letters_count_before_tones_through_the_whole_text():
    assert sorted(["Má An", "Ma Anh", "Mà An"], key=sort_key) == ["Mà An", "Má An", "Ma Anh"]


@given(letters | st.text(max_size=120))
def test_a_sort_key_is_digits_and_small_letters_only(text):
    key = name_sort_key(text)
    assert key.isascii()
    assert all(c.isdigit() or c.islower() for c in key)
    assert len(key) <= SORT_KEY_LENGTH


@given(names)
def test_keys_see_neither_case_nor_unicode_form_nor_blanks(name):
    other = unicodedata.normalize("NFD", name.upper()).replace(" ", " \u00a0\u200b ") + " "
    for key in (sort_key, name_sort_key, search_key, match_key):
        assert key(other) == key(name)


@given(letters)
def test_every_search_key_finds_itself(text):
    assert search_key(search_key(text)) == search_key(text)


@given(st.text(max_size=100))
def test_a_match_key_fits_its_column(text):
    assert len(match_key(text)) <= MATCH_KEY_LENGTH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa", "Hoà"),
        ("Thủy", "Thuỷ"),
        ("Lý", "Lí"),
        ("Nguyễn Thị Mỹ", "NGUYỄN THỊ MĨ"),
        ("Quý", "Quí"),
        ("H'Hen Niê", "H’Hen Niê"),
        ("Ðặng An", "Đặng An"),
    ],
)
def test_spellings_of_one_name_match(one, other):
    assert match_key(one) == match_key(other)
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoa", "Hòa"),
        ("Nguyễn Văn An", "Nguyễn Vân An"),
        ("Đào", "Dào"),
        ("Thúy", "Thúi"),
        ("Thủy", "Thúy"),
        ("Nguyễn An", "An Nguyễn"),
    ],
)
def test_different_names_do_not_match(one, other):
    assert match_key(one) != match_key(other)


def test_search_needs_neither_accents_nor_d_with_stroke():
    assert search_key("Nguyễn Thị ĐÀO") == search_key("nguyen thi dao") == "nguyen thi dao"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Lê\u00a0 Ngọc\u200b\t Hằng\n", "Lê Ngọc Hằng"),
        ("Le\u0302 Ngo\u0323c", "Lê Ngọc"),
        ("ĐINH ĐỨC hải", "ĐINH ĐỨC hải"),
        ("\ufeffK'Brêu\u00ad", "K'Brêu"),
        ("A\x00B\x07", "AB"),
    ],
)
def test_tidying_folds_blanks_and_keeps_the_case(typed, kept):
    assert tidy(typed) == kept
