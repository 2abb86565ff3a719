"""Personal numbers, telephone numbers and addresses, as cells hold them."""

from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.identity import (
    IdentityError,
    is_masked_number,
    mask_number,
    parse_email,
    parse_personal_number,
    parse_phone,
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """The sentences are compared in English, whatever the site's first language."""
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "value", ["056093065036", " 056 093 065 036", "056.093.065.036", "'056093065036"]
)
def test_a_number_of_twelve_digits_is_kept(value):
    number = parse_personal_number(value)
    assert (number.digits, number.zeros_restored) == ("056093065036", False)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (56093065036, "056093065036"),
        (1067165189.0, "001067165189"),
        ("1067165189", "001067165189"),
    ],
)
def test_lost_zeros_come_back_and_are_reported(value, digits):
    number = parse_personal_number(value)
    assert (number.digits, number.zeros_restored) == (digits, True)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("024183560", "old_identity_number"),
        (24183560, "personal_number_invalid"),
        ("0560930650361", "personal_number_invalid"),
        ("B1234567", "personal_number_invalid"),
        ("000000000000", "personal_number_invalid"),
        (5.6e10 + 0.5, "personal_number_invalid"),
        ("٠٥٦٠٩٣٠٦٥٠٣٦", "personal_number_invalid"),
    ],
)
def test_what_is_no_number_is_refused_without_repeating_it(value, code):
    with pytest.raises(IdentityError) as problem:
        parse_personal_number(value)
    assert problem.value.code == code
    assert str(value) not in problem.value.message


@pytest.mark.parametrize(
    ("digits", "sex", "year"),
    [
        ("056093065036", "male", 1993),
        ("056190761824", "female", 1990),
        ("056201997066", "male", 2001),
        ("010301933690", "female", 2001),
    ],
)
def test_a_number_contains_sex_and_year_of_birth(digits, sex, year):
    number = parse_personal_number(digits)
    assert (number.sex, number.birth_year) == (sex, year)


@given(st.from_regex(r"0[0-9]{11}", fullmatch=True))
def test_a_masked_number_shows_three_digits_only(digits):
    masked = mask_number(digits)
    assert masked == "*********" + digits[-3:]
    assert is_masked_number(masked)


@pytest.mark.parametrize(
    ("value", "phone"),
    [
        ("0848940543", "0848940543"),
        ("+84 583620677", "0583620677"),
        ("84 583 620 677", "0583620677"),
        ("+84 0583620677", "0583620677"),
        ("0084583620677", "0583620677"),
        (570330268.0, "0570330268"),
        (570330268, "0570330268"),
        ("091.234-56 78", "0912345678"),
        ("024 3943 5602", "02439435602"),
        (2439435602, "02439435602"),
        ("+66 2 123 4567", "+6621234567"),
        ("0842345678", "0842345678"),
    ],
)
def test_telephone_numbers_are_brought_to_one_form(value, phone):
    assert parse_phone(value) == phone


@pytest.mark.parametrize(
    "value", ["không có", "0123456789", "12345", "0912345678; 0987654321", "01234567890", ""]
)
def test_what_is_no_telephone_number_is_refused(value):
    with pytest.raises(IdentityError, match="telephone"):
        parse_phone(value)


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True))
def test_a_telephone_number_survives_what_spreadsheets_do_to_it(phone):
    assert parse_phone(phone) == parse_phone(int(phone)) == parse_phone(f"+84{phone[1:]}") == phone


def test_an_address_is_written_small():
    assert parse_email(" PHAN.TUAN@EXAMPLE.GOV.VN ") == "phan.tuan@example.gov.vn"


@pytest.mark.parametrize("value", ["không có", "a@b", "a b@c.vn", "a@b.vn; c@d.vn", "a@b..vn", ""])
def test_what_is_no_address_is_refused(value):
    with pytest.raises(IdentityError, match="address"):
        parse_email(value)
