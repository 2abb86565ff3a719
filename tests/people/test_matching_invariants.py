"""However a name is written, one number is one person, and two numbers are two."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.identity import parse_name
from people.matching import Incoming, Match, Verdict, match_all
from tests.factories import make_agency, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

# Each with the tone on either of the places where habit puts it.
TONE_PLACES = [
    ("Hòa", "Hoà"), ("Khỏe", "Khoẻ"), ("Thủy", "Thuỷ"), ("Tòa", "Toà"), ("Thúy", "Thuý"),
    ("Hóa", "Hoá"), ("Lụy", "Luỵ"),
]  # fmt: skip
PLAIN = ("Nguyễn", "Đặng", "Đỗ", "Thị", "Văn", "Ánh", "Đình", "Lê", "H'Hen", "Niê", "Lý", "Ngọc")
LOOK_ALIKES = str.maketrans({"Đ": "Ð", "đ": "ð", "'": "’"})

words = st.sampled_from([*(one for one, _other in TONE_PLACES), *PLAIN])
names = st.lists(words, min_size=2, max_size=5, unique=True).map(" ".join)
births = st.dates(dt.date(1950, 1, 1), dt.date(2005, 12, 31))
numbers = st.integers(1_000_000, 96_999_999_999).map(lambda n: f"{n:012d}")
spaces = st.sampled_from([" ", "  ", "\u00a0", " \u200b", "\t"])


@st.composite
def other_spelling(draw: st.DrawFn, name: str) -> str:
    """The same name as another keyboard, converter or clerk would have written it."""
    parts = name.split()
    if draw(st.booleans()):
        parts = [*parts[1:], parts[0]]  # the given name's column before the family's
    for one, other in TONE_PLACES:
        parts = [other if part == one and draw(st.booleans()) else part for part in parts]
    text = draw(spaces).join(parts)
    if draw(st.booleans()):
        text = text.translate(LOOK_ALIKES)
    text = draw(st.sampled_from([text, text.upper(), text.lower()]))
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)


written_twice = names.flatmap(lambda name: st.tuples(st.just(name), other_spelling(name)))
each_row = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def at() -> object:
    return make_agency("min-bca")


def found(*rows: Incoming) -> list[Match]:
    return match_all(rows)


@each_row
@given(name=written_twice, born=births, number=numbers)
def test_no_way_of_writing_hides_a_person_with_a_number(at, name, born, number) -> None:
    person = make_trainee(at, full_name=name[0], birth_date=born, personal_number=number)
    try:
        (match,) = found(Incoming(parse_name(name[1]), born, personal_number=number))
        assert (match.verdict, match.trainee) == (Verdict.KNOWN, person)
    finally:
        person.delete()


@each_row
@given(name=written_twice, born=births, number=numbers)
def test_no_way_of_writing_makes_two_rows_of_a_file_two_people(at, name, born, number) -> None:
    rows = [Incoming(parse_name(text), born, personal_number=number) for text in name]
    first, second = found(*rows)
    assert (first.verdict, second.verdict, second.repeats) == (Verdict.NEW, Verdict.KNOWN, 0)


@each_row
@given(name=written_twice, born=births, pair=st.tuples(numbers, numbers))
def test_two_numbers_are_never_one_person(at, name, born, pair) -> None:
    one, other = pair
    if one == other:
        other = f"{(int(one) + 1):012d}"
    person = make_trainee(at, full_name=name[0], birth_date=born, personal_number=one)
    try:
        rows = [Incoming(parse_name(text), born, personal_number=other) for text in name]
        first, second = found(*rows)
        assert first.verdict == Verdict.NEW
        assert (second.verdict, second.repeats) == (Verdict.KNOWN, 0)
        assert person.pk not in {*first.candidates, *second.candidates}
    finally:
        person.delete()
