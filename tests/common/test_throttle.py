"""What could be guessed may be tried only so often."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from common import throttle
from tests.redis_server import free_port


def tries(what: str, whose: str, count: int) -> list[bool]:
    return [throttle.allows(what, whose, times=3, seconds=60) for _ in range(count)]


def test_the_fourth_of_three_tries_is_refused():
    assert tries("an action", "10.0.0.1", 4) == [True, True, True, False]


def test_visitors_and_actions_are_counted_separately():
    tries("another action", "10.0.0.1", 4)
    assert tries("another action", "10.0.0.2", 1) == [True]
    assert tries("a third action", "10.0.0.1", 1) == [True]


@pytest.mark.django_db
def test_the_fourth_of_three_guesses_is_refused():
    guesses = [throttle.allows_guess("a code", "HV-1", times=3, seconds=60) for _ in range(4)]
    assert guesses == [True, True, True, False]
    assert throttle.allows_guess("a code", "HV-2", times=3, seconds=60)


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_guesses_of_many_processes_share_their_slots():
    """Each thread has a connection of its own, as each process has."""
    together = Barrier(8)

    def guess(_number: int) -> bool:
        together.wait()
        try:
            return throttle.allows_guess("a race", "HV-1", times=3, seconds=60)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as processes:
        assert sum(processes.map(guess, range(8))) == 3


@pytest.fixture
def redis_that_is_away(settings):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    settings.CACHES = {
        name: away | {"LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
        for name in ("default", "calls")
    }


def test_without_its_cache_nobody_is_refused_what_costs_and_nobody_may_guess(redis_that_is_away):
    assert throttle.allows("an action", "10.0.0.9", times=3, seconds=60)
    assert not throttle.allows_guess("a code", "HV-9", times=3, seconds=60)
