"""The benchmark of the counter fits the tables as they are."""

import pytest

from bench.progress import check
from bench.progress_world import Programme
from counting.counter import counted

pytestmark = pytest.mark.django_db


@pytest.mark.both_engines
def test_counter_replay_and_slow_query_of_the_benchmark_agree():
    programme = Programme()
    programme.grow(200)
    assert counted().completions > 0
    check(programme.today)
