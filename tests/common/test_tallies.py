from collections import Counter

import pytest
from django.db import DatabaseError, InterfaceError

from common import tallies
from common.tallies import Tally


@pytest.fixture
def written() -> Counter[str]:
    return Counter()


@pytest.fixture
def tally(written: Counter[str]) -> Tally:
    return Tally(lambda key, visits: written.update({key: visits}))


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

    def write(key, visits):
        if full and full.pop():
            raise DatabaseError("the disk is full")
        written.update({key: visits})

    tally = Tally(write)
    tally.count("valid")
    assert written == {}
    tally.count("valid")
    assert written == {"valid": 2}


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_what_was_written_before_the_database_failed_is_not_written_twice(
    written, monkeypatch, error
):
    monkeypatch.setattr(tallies, "SECONDS", 60)
    calls = []

    def write(key, visits):
        calls.append(key)
        if len(calls) == 3:
            raise error("the server closed the connection")
        written.update({key: visits})

    tally = Tally(write)
    for key in ("valid", "valid", "revoked", "unknown"):
        tally.count(key)
    tally.write()
    tally.write()
    assert written == {"valid": 2, "revoked": 1, "unknown": 1}
