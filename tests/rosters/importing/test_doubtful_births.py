"""Dates whose day and month may be swapped are noticed by the whole column, and never guessed."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from common import clock
from people.models import Trainee
from rosters.choices import Outcome
from rosters.importing import row_editing
from rosters.importing.rows import read_roster
from tests.common.workbooks import workbook
from tests.rosters.desk import Desk, found_in, outcomes

HEADINGS = ["Họ và tên", "Ngày sinh"]
DOUBT = "day_month_unclear"
MARCH, DECEMBER = dt.date(1980, 3, 5), dt.date(1981, 12, 1)


@pytest.fixture(autouse=True)
def _autumn_2026():
    with clock.set_to(dt.date(2026, 11, 22)):
        yield


def doubts(*births, headings=HEADINGS):
    """Row → severity of what is unclear about its birth date."""
    rows = [["Lê An", *birth] if isinstance(birth, list) else ["Lê An", birth] for birth in births]
    roster = read_roster(workbook(headings, *rows), "x.xlsx", bare_birth_years=True)
    problems = [problem for row in roster.rows for problem in row.problems]
    return {p.row: p.severity for p in problems if p.code == DOUBT}


def test_a_column_with_the_month_first_leaves_no_doubtful_date_in():
    assert doubts("3/5/1980", "12/1/1981", "12/25/1980", "1/13/1979", "4/4/1980") == {
        2: "error",
        3: "error",
    }


@pytest.mark.parametrize("others", [["12/25/1980"], ["12/25/1980", "1/13/1979", "25/12/1980"]])
def test_where_the_month_first_may_be_a_slip_the_others_are_to_be_checked(others):
    assert doubts("3/5/1980", *others) == {2: "warning"}


def test_true_dates_of_the_first_twelve_days_beside_other_texts_may_be_swapped():
    assert doubts(MARCH, DECEMBER, "25/12/1980", dt.date(1980, 4, 4)) == {
        2: "warning",
        3: "warning",
    }


@pytest.mark.parametrize("serial", [29285, "29285"])
def test_serial_numbers_are_true_dates_in_this_too(serial):
    assert doubts(serial, "25/12/1980") == {2: "warning"}


def test_a_time_of_day_makes_no_date_more_certain_and_words_do():
    assert doubts("3/5/1980 07:00", "12/25/1980 07:00", "1/13/1979") == {2: "error"}
    assert not doubts("ngày 3 tháng 5 năm 1980", "12/25/1980", "1/13/1979")


@pytest.mark.parametrize(
    "births",
    [
        ["05/03/1980", "25/12/1980", MARCH, dt.date(1980, 1, 31)],
        [MARCH, "05/03/1980", "25/12/1980"],
        [MARCH, DECEMBER, 1980, "1981"],
        ["05/03/1980", "31/02/1980", "12/13/80", "1980-12-25"],
        [dt.date(1980, 4, 4), "25/12/1980"],
    ],
)
def test_no_date_is_unclear_without_a_reason(births):
    assert doubts(*births) == {}


def test_the_columns_of_both_sexes_are_looked_at_as_one():
    headings = ["Họ và tên", "Ngày sinh Nam", "Ngày sinh Nữ"]
    births = [["3/5/1980", None], [None, "12/25/1980"], [None, "1/13/1979"]]
    assert doubts(*births, headings=headings) == {2: "error"}


@settings(deadline=None, max_examples=25)
@given(
    births=st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2005, 12, 31)), min_size=2, max_size=9)
)
def test_month_first_is_never_taken_for_day_first_once_it_shows(births):
    """A date that is imported without a message is the one that was meant."""
    with clock.set_to(dt.date(2026, 11, 22)):
        rows = [["Lê An", f"{day.month}/{day.day}/{day.year}"] for day in births]
        roster = read_roster(workbook(HEADINGS, *rows), "x.xlsx", bare_birth_years=True)
    if any(problem.code == "date_impossible" for problem in roster.errors):
        for day, row in zip(births, roster.rows, strict=True):
            assert row.problems or row.values.birth_date == day


# --- it reaches whoever decides ---

SWAPPED = [HEADINGS, ["Lê An", "3/5/1980"], ["Lê Bình", "12/25/1980"], ["Lê Chi", "1/13/1979"]]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


@pytest.mark.django_db
def test_an_upload_shows_the_unclear_date_and_enters_nobody_by_guessing(desk, client):
    upload = desk.put(workbook(*SWAPPED))
    assert outcomes(upload) == [Outcome.REJECTED] * 3
    (found,) = found_in(upload).results[0].errors
    assert found.code == DOUBT
    client.force_login(desk.user)
    assert found.message in client.get(f"/rosters/{upload.pk}/").text
    desk.enter(upload, partial=True)
    assert not Trainee.objects.exists()


@pytest.mark.django_db
def test_a_date_confirmed_on_the_page_is_certain(desk):
    upload = desk.put(workbook(*SWAPPED))
    cells = row_editing.cells_of(upload, 2)
    row_editing.edit_row(
        **desk.who, upload=upload, row_number=2, cells=cells | {"birth": "05/03/1980"}
    )
    assert outcomes(desk.again(upload)) == [Outcome.CREATED, *[Outcome.REJECTED] * 2]


@pytest.mark.django_db
def test_a_command_reports_the_unclear_date(desk, tmp_path, capsys):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(workbook(*SWAPPED))
    with pytest.raises(SystemExit):
        call_command(
            "import_roster", str(path), run=desk.run.code, agency=desk.agency.slug, json=True
        )
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert [error["row"] for error in errors if error["code"] == DOUBT] == [2]
