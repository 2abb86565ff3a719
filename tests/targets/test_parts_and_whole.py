"""Whatever the number is split by, each person is in one part."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agencies.choices import AgencyKind, SuccessionKind
from common import clock
from counting.counter import counted
from counting.groups import groups
from counting.replay import GroupBy
from enrollment.models import Completion, CompletionSplitAssignment
from targets.models import Quota
from targets.progress.quota_status import Credit, quota_statuses
from tests.counting.makers import make_indicator, make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_succession,
    make_trainee,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 22)
MARCH, JUNE = dt.date(2026, 3, 11), dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def target():
    return make_indicator(d2030_12_31=100).targets.get()


@pytest.fixture
def run():
    course = make_course()
    make_rule([course])
    return make_run(course, sessions=0)


def trained(agency, run, people=1):
    return [make_completion(make_trainee(agency), run, completed_on=MARCH) for _n in range(people)]


def assign(split, agency, completions):
    for completion in completions:
        CompletionSplitAssignment.objects.create(
            completion=completion, succession=split, agency=agency, recorded_by="test"
        )


def people_by_quota(target, *agencies):
    """People of each agency's quota, in order."""
    quotas = [Quota.objects.create(target=target, agency=agency, minimum=5) for agency in agencies]
    return [one.persons for one in quota_statuses(quotas, counted())]


def test_after_a_split_successors_have_the_people_assigned_and_the_predecessor_none(target, run):
    old, one, other = (make_agency() for _ in range(3))
    completions = trained(old, run, 4)
    split = make_succession(old, one, other, on=JUNE, kind=SuccessionKind.SPLIT)
    assign(split, one, completions[:2])
    assign(split, other, completions[2:3])
    assert people_by_quota(target, old, one, other) == [0, 2, 1]


def test_after_a_merger_nobodys_people_meet_two_quotas(target, run):
    old, new = make_agency(), make_agency()
    trained(old, run, 3)
    make_succession(old, new, on=JUNE)
    assert people_by_quota(target, old, new) == [0, 3]


def test_people_of_a_department_meet_its_own_quota_else_the_one_above(target, run):
    ministry, merged = make_agency(), make_agency()
    own, without = make_agency(parent=merged), make_agency(parent=merged)
    make_succession(merged, ministry, on=JUNE)
    trained(own, run, 2)
    trained(without, run, 3)
    assert people_by_quota(target, ministry, own) == [3, 2]


def test_quotas_of_another_target_change_nothing(target, run):
    other = make_indicator(d2028_12_31=50).targets.get(minimum=50)
    ministry = make_agency()
    department = make_agency(parent=ministry)
    trained(department, run)
    Quota.objects.create(target=other, agency=department, minimum=1)
    assert people_by_quota(target, ministry) == [1]


an_agency = st.integers(0, 5)
SUCCESSIONS = st.lists(
    st.tuples(st.sampled_from(["merger", "split"]), an_agency, st.sets(an_agency, min_size=1)),
    max_size=3,
)


@hypothesis_settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    people=st.lists(an_agency, min_size=1, max_size=8),
    parents=st.dictionaries(st.integers(3, 5), st.integers(0, 2), max_size=3),
    successions=SUCCESSIONS,
    assigned=st.lists(st.booleans(), min_size=8, max_size=8),
    quotas=st.sets(an_agency),
)
def test_the_parts_of_every_grouping_and_the_quotas_add_up_to_the_whole(
    people, parents, successions, assigned, quotas
):
    with transaction.atomic():
        _add_up(people, parents, successions, assigned, quotas)
        transaction.set_rollback(True)


def _add_up(people, parents, successions, assigned, quotas):
    target = make_indicator(d2030_12_31=100).targets.get()
    course = make_course()
    make_rule([course])
    run = make_run(course, sessions=0)
    kinds = [AgencyKind.MINISTRY, AgencyKind.STATE_GROUP, AgencyKind.PROVINCE] * 2
    agencies = [make_agency(kind=kind) for kind in kinds]
    for child, parent in parents.items():
        agencies[child].parent = agencies[parent]
        agencies[child].save()
    for number in people:
        trained(agencies[number], run)
    _succeed(agencies, successions, assigned)
    for number in quotas:
        Quota.objects.create(target=target, agency=agencies[number], minimum=5)
    count = counted()
    assert count.persons == len(people)
    for by in GroupBy:
        for today in (False, True):
            found = groups(count, by, as_it_is_today=today)
            assert sum(group.persons for group in found) == count.persons
            assert sum(group.completions for group in found) == count.completions
    credit = Credit.believed(Quota.objects.all(), count.known_as_of)
    met = credit.people(count)
    assert not quotas or sum(met.values()) == count.persons


def _succeed(agencies, successions, assigned):
    """Each of the agencies ends once at most, in something that stands after it in the list."""
    ended = set()
    for kind, number, others in successions:
        later = sorted(other for other in others if other > number)
        if number in ended or not later:
            continue
        ended.add(number)
        after = [agencies[other] for other in later]
        is_split = kind == "split" and len(after) > 1
        succession = make_succession(
            agencies[number],
            *(after if is_split else after[:1]),
            on=JUNE,
            kind=SuccessionKind.SPLIT if is_split else SuccessionKind.MERGER,
        )
        if is_split:
            sent = Completion.objects.filter(sending_agency=agencies[number])
            chosen = [one for one, yes in zip(sent, assigned, strict=False) if yes]
            assign(succession, after[0], chosen)
