"""Who is counted, as of when, credited to whom."""

import datetime as dt

import pytest

from agencies.choices import AgencyKind, Sector, SuccessionKind
from audit.services import PROGRAMME_OFFICE
from common import clock
from counting.counter import counted
from counting.groups import UNRESOLVED, groups
from counting.models import RuleCourse
from counting.replay import GroupBy
from enrollment.choices import Evidence
from enrollment.models import Completion, CompletionSplitAssignment
from people.services.merges import merge, undo_merge
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_succession,
    make_trainee,
)

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = dt.date(2024, 6, 10), dt.date(2024, 7, 10), dt.date(2024, 8, 10)
LATER = dt.date(2025, 1, 31)


@pytest.fixture
def course():
    course = make_course("AI-101")
    make_rule([course])
    return course


def complete(course, trainee=None, on=JUNE, **fields):
    return make_completion(trainee, make_run(course, sessions=0), completed_on=on, **fields)


def void(completion, at):
    Completion.objects.filter(pk=completion.pk).update(voided_at=at, void_reason="a mistake")


def keys(count, by, **options):
    return {group.key: group.persons for group in groups(count, by, **options)}


# People, once ---------------------------------------------------------------------------


def test_two_courses_sent_by_two_agencies_count_a_person_once(course):
    trainee, other_agency = make_trainee(), make_agency("second")
    complete(course, trainee, JUNE)
    complete(course, trainee, JULY, sending_agency=other_agency)
    count = counted(LATER)
    assert (count.persons, count.completions) == (1, 2)
    assert sum(keys(count, GroupBy.AGENCY).values()) == 1


def test_a_person_is_credited_to_the_agency_of_the_first_completion(course):
    trainee = make_trainee(make_agency("first"))
    complete(course, trainee, JULY, sending_agency=make_agency("second"))
    complete(course, trainee, JUNE)
    assert keys(counted(LATER), GroupBy.AGENCY) == {"first": 1, "second": 0}


def test_of_two_completions_on_one_day_the_one_recorded_first_is_the_first(course):
    trainee = make_trainee(make_agency("first"))
    late = clock.end_of_day(AUGUST)
    complete(course, trainee, recorded_at=late, sending_agency=make_agency("second"))
    first = complete(course, trainee, recorded_at=late - dt.timedelta(seconds=1))
    assert counted(LATER).people[0].first.id == first.pk


def test_a_transfer_changes_no_past_report(course):
    trainee = make_trainee(make_agency("old"))
    complete(course, trainee)
    before = counted(JUNE, known_as_of=JUNE)
    trainee.agency = make_agency("new")
    trainee.save()
    again = counted(JUNE, known_as_of=JUNE)
    assert again.people == before.people
    assert keys(again, GroupBy.AGENCY) == {"old": 1}


def test_the_same_report_run_later_gives_the_same_names(course):
    complete(course, on=JUNE)
    earlier = counted(JUNE, known_as_of=JUNE)
    complete(course, on=JUNE, recorded_at=clock.end_of_day(AUGUST))
    void(Completion.objects.get(pk=earlier.people[0].first.id), clock.end_of_day(AUGUST))
    assert counted(JUNE, known_as_of=JUNE).people == earlier.people
    assert counted(JUNE, known_as_of=AUGUST).people != earlier.people


# Merges ---------------------------------------------------------------------------------


def test_a_merge_drops_the_number_by_one_if_both_rows_counted(course):
    one, other = make_trainee(), make_trainee()
    complete(course, one)
    complete(course, other)
    merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
    assert (counted().persons, counted().completions) == (1, 2)


def test_a_merge_with_a_row_that_did_not_count_changes_nothing(course):
    one, other = make_trainee(), make_trainee()
    complete(course, other)
    merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
    assert counted().persons == 1


def test_an_undone_merge_counts_both_again(course):
    one, other = make_trainee(), make_trainee()
    complete(course, one)
    complete(course, other)
    undo_merge(by=PROGRAMME_OFFICE, merge=merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other))
    assert counted().persons == 2


def test_a_merge_is_not_believed_before_it_was_recorded(course):
    one, other = make_trainee(), make_trainee()
    complete(course, one)
    complete(course, other)
    with clock.set_to(AUGUST):
        merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
    assert counted(JUNE, known_as_of=JULY).persons == 2
    assert counted(JUNE, known_as_of=AUGUST).persons == 1


# Days and belief ------------------------------------------------------------------------


def test_a_date_means_the_end_of_that_day_in_hanoi(course):
    complete(course, recorded_at=dt.datetime(2024, 6, 10, 16, 59, tzinfo=dt.UTC))
    complete(course, recorded_at=dt.datetime(2024, 6, 10, 17, 0, tzinfo=dt.UTC))
    assert counted(JUNE, known_as_of=JUNE).persons == 1
    assert counted(JUNE, known_as_of=JUNE + dt.timedelta(days=1)).persons == 2


def test_the_as_of_day_may_lie_after_the_known_as_of_day(course):
    complete(course, on=JUNE)
    complete(course, on=JULY)
    assert counted(LATER, known_as_of=JUNE).persons == 1


def test_a_completion_recorded_late_counts_as_of_its_own_day(course):
    complete(course, on=JUNE, recorded_at=clock.end_of_day(AUGUST))
    assert counted(JUNE).persons == 1
    assert counted(JUNE, known_as_of=JULY).persons == 0


def test_a_voided_completion_counts_no_more_from_the_voiding_on(course):
    void(complete(course), clock.end_of_day(AUGUST))
    assert counted(JUNE, known_as_of=JULY).persons == 1
    assert counted(JUNE, known_as_of=AUGUST).persons == 0


# Rules ----------------------------------------------------------------------------------


def test_before_any_adopted_rule_nobody_counts(course):
    complete(course, on=dt.date(2024, 4, 1))
    assert counted(LATER, known_as_of=dt.date(2024, 5, 2)).persons == 0
    assert counted(LATER, known_as_of=dt.date(2024, 5, 3)).persons == 1


def test_the_latest_adopted_rule_is_applied_whole_to_the_past(course):
    complete(course)
    make_rule([make_course()], on=JULY, reason="other courses")
    assert counted(JUNE, known_as_of=JUNE).persons == 1
    assert counted(JUNE, known_as_of=JULY).persons == 0


def test_a_rule_that_is_given_is_applied_whenever_it_was_adopted(course):
    complete(course)
    rule = make_rule([make_course()], on=JULY, reason="other courses")
    assert counted(JUNE, known_as_of=JUNE, rule=rule).persons == 0


@pytest.mark.parametrize(
    ("terms", "persons"),
    [
        ({}, 1),
        ({"sectors": [Sector.STATE_AGENCY]}, 1),
        ({"sectors": [Sector.STATE_CORPORATION]}, 0),
        ({"kinds": [AgencyKind.MINISTRY]}, 1),
        ({"kinds": [AgencyKind.PROVINCE]}, 0),
        ({"evidence_kinds": [Evidence.SIGNED_SHEET]}, 1),
        ({"evidence_kinds": [Evidence.QR_CHECK_IN]}, 0),
        ({"minimum_periods": 16}, 1),
        ({"minimum_periods": 17}, 0),
    ],
)
def test_a_rule_counts_by_sector_kind_evidence_and_periods(course, terms, persons):
    complete(course)
    make_rule([course], on=JULY, reason="narrower", **terms)
    assert counted(LATER).persons == persons


def test_a_rule_leaves_agencies_out(course):
    completion = complete(course)
    complete(course)
    left_out = [completion.sending_agency]
    make_rule([course], on=JULY, reason="left out", agencies_left_out=left_out)
    assert counted(LATER).persons == 1


@pytest.mark.parametrize(
    ("first", "last", "persons"),
    [(JUNE, JUNE, 1), (None, JUNE, 1), (JULY, None, 0), (None, dt.date(2024, 6, 9), 0)],
)
def test_a_course_counts_between_two_days_both_included(course, first, last, persons):
    complete(course)
    make_rule(
        [RuleCourse(course=course, counts_from=first, counts_to=last)], on=JULY, reason="dates"
    )
    assert counted(LATER).persons == persons


def test_an_agency_of_kind_other_counts_for_no_target(course):
    complete(course, make_trainee(make_agency(kind=AgencyKind.OTHER)))
    assert counted(LATER).persons == 0


# Groups ---------------------------------------------------------------------------------


def test_people_are_newly_counted_in_one_month_only(course):
    trainee = make_trainee()
    complete(course, trainee, JUNE)
    complete(course, trainee, JULY)
    complete(course, on=JULY)
    found = groups(counted(LATER), GroupBy.MONTH)
    assert [(g.key, g.label, g.persons, g.completions) for g in found] == [
        ("2024-06", "06/2024", 1, 1),
        ("2024-07", "07/2024", 1, 2),
    ]


def test_both_sectors_are_always_named(course):
    complete(course, make_trainee(make_agency(kind=AgencyKind.STATE_GROUP)))
    assert counted(LATER).by_sector == {"state_agency": 0, "state_corporation": 1}
    assert counted(dt.date(2024, 1, 1)).by_sector == {"state_agency": 0, "state_corporation": 0}


def test_labels_are_in_the_readers_language(course, settings):
    complete(course, make_trainee(make_agency("moet", name_vi="Bộ Giáo dục", name_en="Education")))
    settings.LANGUAGE_CODE = "en"
    assert [group.label for group in groups(counted(LATER), GroupBy.AGENCY)] == ["Education"]


def test_as_it_is_today_rolls_people_up_along_mergers_and_renamings(course):
    old, new, newest = (make_agency(slug) for slug in ("old", "new", "newest"))
    complete(course, make_trainee(old))
    make_succession(old, new, on=JULY, kind=SuccessionKind.RENAMING)
    make_succession(new, newest, on=AUGUST)
    by = GroupBy.AGENCY
    assert keys(counted(LATER), by) == {"old": 1}
    assert keys(counted(LATER), by, as_it_is_today=True) == {"newest": 1}
    assert keys(counted(LATER, known_as_of=JULY), by, as_it_is_today=True) == {"new": 1}


def test_a_merger_still_to_come_rolls_nobody_up(course):
    old, new = make_agency("old"), make_agency("new")
    complete(course, make_trainee(old))
    make_succession(old, new, on=AUGUST, recorded_at=clock.start_of_day(JUNE))
    count = counted(LATER, known_as_of=JULY)
    assert keys(count, GroupBy.AGENCY, as_it_is_today=True) == {"old": 1}


def test_a_name_that_comes_back_makes_no_cycle(course):
    one, other = make_agency("one"), make_agency("other")
    complete(course, make_trainee(one))
    make_succession(one, other, on=JULY, kind=SuccessionKind.RENAMING)
    make_succession(other, one, on=AUGUST, kind=SuccessionKind.RENAMING)
    assert keys(counted(LATER), GroupBy.AGENCY, as_it_is_today=True) == {"one": 1}


def test_after_a_split_people_are_unresolved_until_assigned(course):
    whole, successor, sister = make_agency("whole"), make_agency("successor"), make_agency("sister")
    completion = complete(course, make_trainee(whole))
    complete(course, make_trainee(whole))
    split = make_succession(whole, successor, sister, on=JULY, kind=SuccessionKind.SPLIT)
    CompletionSplitAssignment.objects.create(
        completion=completion,
        succession=split,
        agency=successor,
        recorded_at=clock.end_of_day(AUGUST),
        recorded_by="test",
    )
    by = GroupBy.AGENCY
    before = counted(LATER, known_as_of=JULY)
    assert keys(before, by, as_it_is_today=True) == {UNRESOLVED: 2}
    assert keys(counted(LATER), by, as_it_is_today=True) == {"successor": 1, UNRESOLVED: 1}


def test_kind_and_sector_too_may_be_as_they_are_today(course):
    office = make_agency(kind=AgencyKind.GOVERNMENT_AGENCY)
    group = make_agency(kind=AgencyKind.STATE_GROUP)
    complete(course, make_trainee(office))
    make_succession(office, group, on=JULY)
    count = counted(LATER)
    assert keys(count, GroupBy.KIND) == {"government_agency": 1}
    assert keys(count, GroupBy.KIND, as_it_is_today=True) == {"state_group": 1}
    assert keys(count, GroupBy.SECTOR) == {"state_agency": 1}
    assert keys(count, GroupBy.SECTOR, as_it_is_today=True) == {"state_corporation": 1}
