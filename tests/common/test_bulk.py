import pytest
from django.db import connection

from common.bulk import large_sqlite_cache

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="a pragma of SQLite"),
]


def room():
    """What SQLite may keep in memory, in negative kilobytes."""
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA cache_size").fetchone()[0]


def test_a_long_list_gets_a_larger_cache_for_its_time():
    usual = room()
    with large_sqlite_cache():
        assert room() < usual < 0
    assert room() == usual


def test_the_cache_is_as_before_after_a_failure():
    usual = room()
    with pytest.raises(ZeroDivisionError), large_sqlite_cache():
        assert 1 / 0
    assert room() == usual
