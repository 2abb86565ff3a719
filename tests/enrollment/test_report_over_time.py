"""A report by agency keeps its names when ministries and provinces merge."""

import datetime as dt
from collections import defaultdict

import pytest

from agencies.models import Agency, Succession
from agencies.services import import_successions, record_succession
from agencies.sheets import SuccessionRow
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from counting.counter import counted
from counting.groups import groups
from counting.lineage import Lineage
from counting.replay import Count, GroupBy
from enrollment.errors import EnrollmentError
from enrollment.models import Completion
from enrollment.services.split_assignments import assign_completions, unresolved
from lms.reference import load_reference
from tests.factories import make_completion, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
END_OF_2024 = dt.date(2024, 12, 31)


@pytest.fixture
def year_2024() -> list[SuccessionRow]:
    """Reference data before 2025, two people of every agency trained; what 2025 then brought."""
    load_reference(by=OFFICE)
    rows = [
        SuccessionRow(
            number,
            succession.kind,
            succession.on,
            tuple(dict.fromkeys(link.predecessor.slug for link in succession.links.all())),
            tuple(dict.fromkeys(link.successor.slug for link in succession.links.all())),
        )
        for number, succession in enumerate(Succession.objects.order_by("on", "id"), start=2)
    ]
    Succession.objects.all().delete()
    run = make_run(starts_on=dt.date(2024, 6, 10), ends_on=dt.date(2024, 6, 11))
    run.course.code = "AI-101"
    for agency in Agency.objects.valid_on(dt.date(2024, 6, 11)):
        for _ in range(2):
            make_completion(
                make_trainee(agency), run, course_code="AI-101", completed_on=dt.date(2024, 6, 11)
            )
    return rows


def names(count: Count, *, today: bool = False) -> dict[str, set[str]]:
    """Map agencies to the codes of the trainees counted there."""
    lineage = Lineage.believed(count.known_as_of)
    slugs = dict(Agency.objects.values_list("id", "slug"))
    codes = dict(Completion.objects.values_list("id", "trainee__code"))
    found: dict[str, set[str]] = defaultdict(set)
    for person in count.people:
        first = person.first
        agency = lineage.today_of(first.sending_agency_id, first.id) if today else None
        key = slugs.get(agency or 0, "unresolved") if today else slugs[first.sending_agency_id]
        found[key].add(codes[first.id])
    return dict(found)


def as_rows(count: Count, *, today: bool = False) -> dict[str, int]:
    return {g.key: g.persons for g in groups(count, GroupBy.AGENCY, as_it_is_today=today)}


def test_the_same_report_gives_the_same_names_before_and_after_2025(year_2024) -> None:
    before = counted(END_OF_2024)
    error_as_message, rows = names(before), as_rows(before)
    assert len(error_as_message) > 100
    assert import_successions(by=OFFICE, rows=year_2024)["recorded"] == len(year_2024) > 30
    after = counted(END_OF_2024)
    assert names(after) == error_as_message
    assert as_rows(after) == rows


def test_as_it_is_today_moves_them_to_the_successors_and_loses_nobody(year_2024) -> None:
    before = names(counted(END_OF_2024))
    import_successions(by=OFFICE, rows=year_2024)
    count = counted(END_OF_2024)
    today = names(count, today=True)
    assert today["min-bxd"] == before["min-bxd"] | before["min-bgtvt"]
    assert "min-bgtvt" not in today
    assert sum(as_rows(count).values()) == sum(as_rows(count, today=True).values()) == count.persons
    assert set.union(*today.values()) == set.union(*before.values())
    assert {slug: len(codes) for slug, codes in today.items()} == as_rows(count, today=True)


def test_figures_known_as_of_an_earlier_day_ignore_a_later_succession(year_2024) -> None:
    error_as_message = as_rows(counted(END_OF_2024), today=True)
    known = clock.now()
    import_successions(by=OFFICE, rows=year_2024)
    assert as_rows(counted(END_OF_2024, known_as_of=known), today=True) == error_as_message


def test_after_a_split_people_are_unresolved_until_assigned_by_name(year_2024) -> None:
    old, one, two = (Agency.objects.get(slug=slug) for slug in ("min-bca", "min-bct", "min-btc"))
    split = record_succession(
        by=OFFICE, kind="split", on=dt.date(2025, 7, 1), predecessors=[old], successors=[one, two]
    )
    count = counted(END_OF_2024)
    assert as_rows(count, today=True)["unresolved"] == 2
    mine, other = unresolved(split)
    assign_completions(by=OFFICE, succession=split, agency=one, completions=[mine])
    count = counted(END_OF_2024)
    assert mine.trainee.code in names(count, today=True)["min-bct"]
    assert as_rows(count, today=True)["unresolved"] == 1
    assert as_rows(count)["min-bca"] == 2
    assert list(unresolved(split)) == [other]


def test_an_assignment_needs_a_split_and_a_successor_and_is_made_once(year_2024) -> None:
    old, one, two = (Agency.objects.get(slug=slug) for slug in ("min-bca", "min-bct", "min-btc"))
    split = record_succession(
        by=OFFICE, kind="split", on=dt.date(2025, 7, 1), predecessors=[old], successors=[one, two]
    )
    mine = list(unresolved(split)[:1])
    with pytest.raises(EnrollmentError, check=lambda error: error.code == "no_successor"):
        assign_completions(by=OFFICE, succession=split, agency=old, completions=mine)
    assign_completions(by=OFFICE, succession=split, agency=one, completions=mine)
    again = Completion.objects.filter(sending_agency=old)
    with pytest.raises(EnrollmentError, check=lambda error: error.code == "already_assigned"):
        assign_completions(by=OFFICE, succession=split, agency=two, completions=list(again))
