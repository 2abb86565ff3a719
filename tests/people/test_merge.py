import datetime as dt

import pytest

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from people.errors import PeopleError
from people.models import CandidatePair, Merge
from people.services.merges import list_candidates, merge, settle_pair, undo_merge
from tests.factories import make_trainee

pytestmark = pytest.mark.django_db


def survivors() -> dict[int, int]:
    return Merge.objects.believed(clock.now()).survivor_by_absorbed()


def test_a_merge_is_one_row_and_rewrites_no_person() -> None:
    one, other = make_trainee(), make_trainee()
    before = list(type(one).objects.values())
    merge(by=OFFICE, survivor=one, absorbed=other)
    assert survivors() == {other.pk: one.pk}
    assert list(type(one).objects.values()) == before


def test_an_undone_merge_is_believed_no_more() -> None:
    merged = merge(by=OFFICE, survivor=make_trainee(), absorbed=make_trainee())
    undo_merge(by=OFFICE, merge=merged)
    assert survivors() == {}


@pytest.mark.both_engines
def test_the_quick_way_believes_the_same_merges() -> None:
    now = clock.now()
    instants = [now + dt.timedelta(seconds=second) for second in (-1, 0, 1)]
    for recorded in instants:
        for undone in (None, *instants):
            Merge.objects.create(
                survivor=make_trainee(),
                absorbed=make_trainee(),
                recorded_at=recorded,
                undone_at=undone,
            )
    with clock.set_to(now):
        believed = Merge.objects.believed(now).survivor_by_absorbed()
        assert len(believed) == 4
        assert Merge.objects.present_survivor_by_absorbed() == believed


def test_a_circle_of_merges_is_refused() -> None:
    one, other, third = make_trainee(), make_trainee(), make_trainee()
    merge(by=OFFICE, survivor=one, absorbed=other)
    merge(by=OFFICE, survivor=other, absorbed=third)
    with pytest.raises(PeopleError) as refused:
        merge(by=OFFICE, survivor=third, absorbed=one)
    assert refused.value.code == "same_row"


def test_nobody_is_absorbed_twice() -> None:
    one, other = make_trainee(), make_trainee()
    merge(by=OFFICE, survivor=one, absorbed=other)
    with pytest.raises(PeopleError) as refused:
        merge(by=OFFICE, survivor=make_trainee(), absorbed=other)
    assert refused.value.code == "already_merged"


def test_a_merge_is_one_entry_on_the_record() -> None:
    merge(by=OFFICE, survivor=make_trainee(), absorbed=make_trainee())
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["people_merged"]


def test_not_the_same_person_is_remembered_when_the_pair_is_found_again() -> None:
    one, other = make_trainee(), make_trainee()
    settle_pair(by=OFFICE, one=one, other=other, state="different")
    list_candidates(by=OFFICE, pairs=[(other.pk, one.pk)])
    assert CandidatePair.objects.get().state == "different"


def test_an_undone_merge_restores_the_decision_about_the_pair() -> None:
    one, other = make_trainee(), make_trainee()
    settle_pair(by=OFFICE, one=one, other=other, state="different")
    before = CandidatePair.objects.values().get()
    undo_merge(by=OFFICE, merge=merge(by=OFFICE, survivor=one, absorbed=other))
    assert CandidatePair.objects.values().get() == before
