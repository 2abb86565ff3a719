"""What may be a personal number is known as one, however it is typed."""

import re

import pytest

from common.public_text import SearchInput, may_hold_identity_number

NUMBERS = [
    "012345678901",
    "012345678",
    "012 345 678",
    "012.345.678",
    "012–345–678",
    "012‑345‑678",
    "012_345_678",
    "０１２３４５６７８",
    "(091) 234 5678",
    "+84 (912) 345 678",
    "số 012  345  678",
]
UNSEEN = ["012\u200b345\u200b678", "012\u00ad345\u00ad678", "012\u2060345\u2060678"]
NO_NUMBERS = [
    "30/11/2026 08:15",
    "30.11.2026 - 02.12.2026",
    "2025-2026 – 2026-2027",
    "13/2023/NĐ-CP",
    "30-11-2026 (45 người)",
    "AI-101",
]
HASH = "12" * 10 + "ab" * 10


@pytest.mark.parametrize("text", [*NUMBERS, *UNSEEN])
def test_a_number_is_known_with_whatever_stands_between_its_digits(text):
    assert may_hold_identity_number(text)


@pytest.mark.parametrize("text", [*NO_NUMBERS, HASH])
def test_dates_years_and_hashes_are_no_numbers(text):
    assert not may_hold_identity_number(text)


@pytest.mark.parametrize("text", [*NUMBERS, *NO_NUMBERS])
def test_browsers_are_told_the_same_but_of_hashes(text):
    refused = not re.fullmatch(SearchInput().attrs["pattern"], text)
    assert refused == may_hold_identity_number(text)
