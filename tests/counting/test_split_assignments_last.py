"""What a human decided after a split outlasts corrections and a split recorded again."""

import datetime as dt

import pytest

from agencies.choices import SuccessionKind
from agencies.models import Agency, Succession
from agencies.services import record_succession, void_succession
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from counting.lineage import Lineage
from enrollment.models import Completion
from enrollment.services.results import correct_completion
from enrollment.services.split_assignments import assign_completions, unresolved
from tests.factories import make_agency, make_completion, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def agencies() -> list[Agency]:
    return [make_agency(slug) for slug in ("whole", "left", "right", "third")]


def split(agencies: list[Agency], *successors: int, day: int = 1) -> Succession:
    return record_succession(
        by=OFFICE, kind=SuccessionKind.SPLIT, on=dt.date(2026, 4, day),
        predecessors=[agencies[0]], successors=[agencies[at] for at in successors],
    )  # fmt: skip


def assigned(agencies: list[Agency], to: int) -> tuple[Completion, Succession]:
    completion = make_completion(make_trainee(agencies[0]), make_run())
    succession = split(agencies, 1, 2)
    assign_completions(
        by=OFFICE, succession=succession, agency=agencies[to], completions=[completion]
    )
    return completion, succession


def today_of(completion: Completion) -> int | None:
    return Lineage.believed(clock.now()).today_of(completion.sending_agency_id, completion.pk)


def test_a_corrected_result_stays_with_its_successor(agencies: list[Agency]) -> None:
    completion, succession = assigned(agencies, to=2)
    day = completion.run.starts_on
    new = correct_completion(by=OFFICE, completion=completion, reason="Sai", completed_on=day)
    assert today_of(new) == agencies[2].pk
    assert not unresolved(succession).exists()


def test_a_split_recorded_again_keeps_what_was_assigned(agencies: list[Agency]) -> None:
    completion, succession = assigned(agencies, to=1)
    void_succession(by=OFFICE, succession=succession, reason="Sai ngày")
    assert today_of(completion) == agencies[0].pk
    again = split(agencies, 1, 2, day=2)
    assert today_of(completion) == agencies[1].pk
    assert not unresolved(again).exists()


def test_a_successor_that_the_split_has_no_longer_is_chosen_again(agencies: list[Agency]) -> None:
    completion, succession = assigned(agencies, to=1)
    void_succession(by=OFFICE, succession=succession, reason="Sai cơ quan")
    again = split(agencies, 2, 3)
    assert today_of(completion) is None
    assert list(unresolved(again)) == [completion]
