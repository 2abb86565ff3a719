from collections import Counter

import pytest
from django.db import DatabaseError

from common import tallies
from common.tallies import Tally


@pytest.fixture
def written() -> Counter[str]:
    return Counter()


@pytest.fixture
def tally(written: Counter[str]) -> Tally:
    return Tally(written.update)


def test_a_single_visit_is_written_at_once(tally, written, monkeypatch):
    monkeypatch.setattr(tallies, "SECONDS", 60)
    tally.count("valid")
    assert written == {"valid": 1}


def test_a_rush_is_written_together_and_nothing_of_it_is_lost(tally, written, monkeypatch):
    monkeypatch.setattr(tallies, "SECONDS", 60)
    for key in ("valid", "valid", "revoked", "valid"):
        tally.count(key)
    assert written == {"valid": 1}
    tally.write()  # as at the end of the process
    assert written == {"valid": 3, "revoked": 1}


def test_counts_that_cannot_be_written_wait_and_refuse_nobody(written):
    full = [True]

    def write(counts):
        if full and full.pop():
            raise DatabaseError("the disk is full")
        written.update(counts)

    tally = Tally(write)
    tally.count("valid")
    assert written == {}
    tally.count("valid")
    assert written == {"valid": 2}
