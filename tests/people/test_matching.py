import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.services import SYSTEM
from people.matching import Incoming, Verdict, match_all
from people.models import Trainee
from people.services.bulk import PersonData, amend, restore, save_amended
from tests.factories import make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
BORN = dt.date(1980, 2, 1)
NUMBER, OTHER_NUMBER = "001080000123", "001080000999"


@pytest.fixture
def hoa() -> Trainee:
    return make_trainee(full_name="Lê Thị Hòa", birth_date=BORN, personal_number=NUMBER)


def match(*rows: Incoming, already_enrolled: tuple[int, ...] = ()) -> list[Verdict]:
    return [found.verdict for found in match_all(rows, already_enrolled=already_enrolled)]


@pytest.mark.parametrize(
    "name",
    [
        "Lê Thị Hòa",
        "LÊ THỊ HÒA",
        "Lê Thị Hoà",
        unicodedata.normalize("NFD", "Lê Thị Hòa"),
        "Hòa Lê Thị",
        "Le Thi Hoa",
        "LE THI HOA",
        "Lê Thị Hoa",
    ],
)
def test_the_same_number_under_another_spelling_is_the_same_person(hoa: Trainee, name: str) -> None:
    (found,) = match_all([Incoming(name, BORN, personal_number=NUMBER)])
    assert (found.verdict, found.trainee) == (Verdict.KNOWN, hoa)


def test_the_same_number_with_a_bare_year_is_the_same_person(hoa: Trainee) -> None:
    assert match(Incoming("Lê Thị Hòa", birth_year=1980, personal_number=NUMBER)) == ["known"]


@pytest.mark.parametrize(
    "row",
    [
        Incoming("Lê Thị Hoàn", BORN, personal_number=NUMBER),
        Incoming("Lê Hòa", BORN, personal_number=NUMBER),
        Incoming("Lê Thị Hòa", dt.date(1980, 1, 2), personal_number=NUMBER),
    ],
)
def test_the_same_number_with_another_name_or_birth_is_a_conflict(
    hoa: Trainee, row: Incoming
) -> None:
    assert match(row) == ["conflict"]


def test_two_different_numbers_are_two_people(hoa: Trainee) -> None:
    assert match(Incoming("Lê Thị Hòa", BORN, personal_number=OTHER_NUMBER)) == ["new"]


def test_without_a_number_the_same_name_and_birth_is_a_candidate(hoa: Trainee) -> None:
    (found,) = match_all([Incoming("Lê Thị Hoà", BORN)])
    assert (found.verdict, found.candidates) == (Verdict.CANDIDATE, (hoa.pk,))


@pytest.mark.parametrize("name", ["Dặng Thị Dào", "Đào Đặng Thị", "Dang Thi Dao", "ĐẶNG THỊ ĐAO"])
def test_without_a_number_a_name_that_lost_its_marks_or_order_is_a_candidate(name: str) -> None:
    dao = make_trainee(full_name="Đặng Thị Đào", birth_date=BORN)
    for number in (None, NUMBER):
        (found,) = match_all([Incoming(name, BORN, personal_number=number)])
        assert (found.verdict, found.candidates) == (Verdict.CANDIDATE, (dao.pk,))


@pytest.mark.parametrize(
    ("name", "born", "year"),
    [
        ("Dang Thi Dao", dt.date(1980, 1, 2), None),
        ("Dang Thi Dao", None, 1980),
        ("Dang Thi Daoo", BORN, None),
        ("Dang Dao", BORN, None),
    ],
)
def test_another_day_a_bare_year_or_another_name_makes_no_candidate(name, born, year) -> None:
    make_trainee(full_name="Đặng Thị Đào", birth_date=BORN)
    assert match(Incoming(name, born, birth_year=year)) == ["new"]


def test_two_rows_of_a_file_with_other_tones_are_compared_and_not_taken_for_one() -> None:
    hoa, other = Incoming("Lê Thị Hoa", BORN), Incoming("Lê Thị Hòa", BORN)
    first, second = match_all([hoa, other])
    assert (first.verdict, second.verdict) == (Verdict.NEW, Verdict.CANDIDATE)
    assert (second.repeats, second.candidate_rows) == (None, (0,))


def test_on_its_own_roster_a_name_with_other_tones_is_compared(hoa: Trainee) -> None:
    assert match(Incoming("Lê Thị Hoa", BORN), already_enrolled=(hoa.pk,)) == ["candidate"]


def test_a_birth_that_is_learned_later_makes_a_person_comparable() -> None:
    trainee = make_trainee(full_name="Đặng Thị Đào", birth_date=None)
    data = PersonData(full_name=trainee.full_name, birth_date=BORN)
    changed = amend(trainee, data)
    save_amended(by=SYSTEM, amended=[(trainee, changed)])
    assert match(Incoming("Dang Thi Dao", BORN)) == ["candidate"]
    before = {trainee.pk: {"birth_date": (None, BORN), "birth_year": (None, 1980)}}
    restore(by=SYSTEM, before=before)
    assert match(Incoming("Dang Thi Dao", BORN)) == ["new"]


def test_a_name_without_any_birth_makes_no_candidate(hoa: Trainee) -> None:
    assert match(Incoming("Lê Thị Hòa")) == ["new"]


def test_on_its_own_roster_the_same_name_and_birth_is_the_same_line(hoa: Trainee) -> None:
    assert match(Incoming("Lê Thị Hòa", BORN), already_enrolled=(hoa.pk,)) == ["known"]


def test_a_person_repeated_in_one_file_is_found_in_the_earlier_row() -> None:
    row = Incoming("Trần An", BORN, personal_number=NUMBER)
    first, second = match_all([row, row])
    assert (first.verdict, second.verdict, second.repeats) == (Verdict.NEW, Verdict.KNOWN, 0)


def test_a_number_repeated_in_one_file_under_another_name_is_a_conflict() -> None:
    rows = [Incoming(name, BORN, personal_number=NUMBER) for name in ("Trần An", "Lý Bình")]
    assert match(*rows) == ["new", "conflict"]


def test_a_row_with_a_number_after_one_without_is_a_candidate_of_that_row() -> None:
    found = match_all(
        [Incoming("Trần An", BORN), Incoming("Trần An", BORN, personal_number=NUMBER)]
    )
    assert (found[1].verdict, found[1].candidate_rows) == (Verdict.CANDIDATE, (0,))


def test_a_trainee_code_finds_the_person_when_the_masked_number_fits(hoa: Trainee) -> None:
    row = Incoming("Lê Thị Hòa", BORN, trainee_code=hoa.code, number_tail="123")
    assert match(row) == ["known"]


def test_a_trainee_code_with_another_masked_number_is_a_conflict(hoa: Trainee) -> None:
    row = Incoming("Lê Thị Hòa", BORN, trainee_code=hoa.code, number_tail="999")
    assert match(row) == ["conflict"]


def test_a_trainee_code_that_nobody_has_is_reported(hoa: Trainee) -> None:
    assert match(Incoming("Lê Thị Hòa", BORN, trainee_code="HV-22222222")) == ["unknown_code"]


def test_matching_many_rows_costs_a_fixed_number_of_queries(
    hoa: Trainee, django_assert_max_num_queries: object
) -> None:
    rows = [Incoming(f"Trần Văn {n}", BORN, personal_number=f"001080{n:06d}") for n in range(800)]
    with django_assert_max_num_queries(3):  # type: ignore[operator]  # a fixture without a type
        match_all(rows)


def test_people_without_a_number_are_found_by_name_and_year_and_not_walked_through() -> None:
    plans: list[str] = []

    def explain(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if "likeness_key" in sql and sql.startswith("SELECT"):
            execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)
            plans.extend(str(line) for line in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what stands in the table")
    with connection.execute_wrapper(explain):
        assert match(Incoming("Trần An", BORN, personal_number=NUMBER)) == ["new"]
    assert any("trainee_likeness" in line for line in plans), plans
