"""Importing a roster twice enters nobody and changes nothing, whatever its rows share."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.services import SYSTEM
from enrollment.models import Enrollment
from people.models import Trainee
from rosters.choices import Outcome
from rosters.importing.importer import import_roster, read
from rosters.importing.report import ImportReport
from rosters.importing.senders import office
from tests.factories import make_agency, make_course, make_enrollment, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

FIRST, SECOND = "001080004001", "001080004002"
LINES = st.tuples(
    st.sampled_from(["Vũ Hòa", "Vũ Hoà", "Vũ Hoa", "Hoa Vũ"]),
    st.sampled_from(["12/03/1980", "13/03/1980", "1980", ""]),
    st.sampled_from(["", "", FIRST, SECOND]),
)
LISTS = st.lists(LINES, min_size=1, max_size=5)
BARE = ("Vũ Hòa", "12/03/1980", "")


class Desk:
    """An agency that sends lists for one class."""

    def __init__(self) -> None:
        self.agency = make_agency()
        self.run = make_run(make_course(bare_birth_years=True))

    def send(self, lines: list[tuple[str, ...]]) -> ImportReport:
        text = "\n".join(["Họ và tên,Ngày sinh,Số CCCD", *(",".join(line) for line in lines)])
        return import_roster(
            by=SYSTEM,
            roster=read(text.encode(), "x.csv", self.run),
            run=self.run,
            sender=office(self.agency),
            partial=True,
        )


def counts() -> tuple[int, int]:
    return Trainee.objects.count(), Enrollment.objects.count()


@settings(max_examples=60, deadline=None)
@given(lists=st.lists(LISTS, min_size=1, max_size=2))
@example(lists=[[BARE], [("Vũ Hòa", "12/03/1980", FIRST)]])
def test_lists_sent_once_more_find_everybody_whom_they_entered(lists):
    with transaction.atomic():
        desk = Desk()
        for lines in lists:
            desk.send(lines)
        before = counts()
        again = [result.outcome for lines in lists for result in desk.send(lines).results]
        assert set(again) <= {Outcome.UNCHANGED, Outcome.REJECTED}
        assert counts() == before
        transaction.set_rollback(True)


@pytest.mark.parametrize("numbers", [(None, None), (None, FIRST), (FIRST, SECOND)])
def test_lines_of_two_namesakes_on_the_roster_are_these_two(numbers):
    desk = Desk()
    for number in numbers:
        born = dt.date(1980, 3, 12)
        one = make_trainee(desk.agency, full_name="Vũ Hòa", birth_date=born, personal_number=number)
        make_enrollment(desk.run, one)
    before = counts()
    report = desk.send([BARE, BARE])
    assert [result.outcome for result in report.results] == [Outcome.UNCHANGED] * 2
    assert counts() == before
