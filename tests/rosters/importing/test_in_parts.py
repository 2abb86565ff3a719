"""A roster is planned and imported in parts; their size makes no difference."""

import datetime as dt
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.services import SYSTEM
from courses.models import CourseRun
from enrollment.models import Enrollment
from people.models import CandidatePair, Trainee
from rosters.importing import row_plan
from rosters.importing.importer import check_roster, import_roster, read
from rosters.importing.report import ImportReport
from rosters.importing.senders import office
from tests.factories import make_agency, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

BORN = dt.date(1980, 2, 1)
KNOWN, OTHER = "001180000123", "001180000124"
# Few names and numbers: most rows have to do with one before them or with somebody known.
PEOPLE = st.tuples(
    st.sampled_from(["Lê Thị Hòa", "Lê Thị Hoà", "Lê Thị Hoa", "Nguyễn An"]),
    st.sampled_from(["01/02/1980", "02/02/1980"]),
    st.sampled_from(["", KNOWN, OTHER]),
    st.sampled_from(["", "Trưởng phòng", "Vụ trưởng"]),
)


def told(report: ImportReport) -> list[Any]:
    return [
        (one.row, one.outcome, [w.code for w in one.warnings], [e.code for e in one.errors])
        for one in report.results
    ]


def kept(run: CourseRun) -> dict[str, Any]:
    """What the database holds, people by the order in which they came."""
    people = Trainee.objects.order_by("id")
    turn = {pk: at for at, pk in enumerate(people.values_list("pk", flat=True))}
    fields = ("full_name", "birth_date", "personal_number_digest", "likeness_key", "position")
    places = Enrollment.objects.filter(run=run).order_by("id")
    pairs = CandidatePair.objects.values_list("first_id", "second_id")
    return {
        "people": list(people.values_list(*fields)),
        "places": [(turn[who], post) for who, post in places.values_list("trainee_id", "position")],
        "pairs": sorted((turn[one], turn[other]) for one, other in pairs),
    }


def went(rows: list[tuple[str, ...]], size: int) -> list[Any]:
    """The plan, the report and the database after an import in parts of a size."""
    with transaction.atomic(), patch.object(row_plan, "PART", size):
        run, agency = make_run(code="AI01-K1"), make_agency()
        make_trainee(agency=agency, full_name="Lê Thị Hòa", birth_date=BORN, personal_number=KNOWN)
        lines = ["Họ và tên,Ngày sinh,Số CCCD,Chức vụ", *(",".join(row) for row in rows)]
        roster = read("\n".join(lines).encode(), "x.csv", run)
        foretold = check_roster(roster=roster, run=run, sender=office(agency))
        report = import_roster(
            by=SYSTEM, roster=roster, run=run, sender=office(agency), partial=True
        )
        found = [told(foretold), told(report), kept(run)]
        transaction.set_rollback(True)
    return found


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(PEOPLE, min_size=1, max_size=7), size=st.integers(1, 3))
@example([("Lê Thị Hòa", "01/02/1980", OTHER, ""), ("Lê Thị Hòa", "01/02/1980", "", "x")], 1)
def test_a_roster_in_parts_comes_to_what_it_comes_to_at_once(rows, size):
    foretold, happened, holds = went(rows, size)
    assert foretold == happened
    assert [foretold, happened, holds] == went(rows, len(rows))
