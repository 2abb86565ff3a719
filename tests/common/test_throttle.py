"""What could be guessed may be tried only so often."""

from common import throttle


def tries(what: str, whose: str, count: int) -> list[bool]:
    return [throttle.allows(what, whose, times=3, seconds=60) for _ in range(count)]


def test_the_fourth_of_three_tries_is_refused():
    assert tries("a deed", "10.0.0.1", 4) == [True, True, True, False]


def test_visitors_and_deeds_are_counted_apart():
    tries("another deed", "10.0.0.1", 4)
    assert tries("another deed", "10.0.0.2", 1) == [True]
    assert tries("a third deed", "10.0.0.1", 1) == [True]
