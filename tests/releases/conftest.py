"""Empty databases of the engine that the tests run on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection


@pytest.fixture
def make_database(tmp_path: Path, transactional_db: None) -> Iterator[Callable[[], str]]:
    """Each call makes an empty database and returns its address."""
    names: list[str] = []

    def make() -> str:
        names.append(f"release_{uuid4().hex[:12]}")
        if connection.vendor == "sqlite":
            return f"sqlite:///{tmp_path}/{names[-1]}.sqlite3"
        of = connection.settings_dict
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {names[-1]}")
        return f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{names[-1]}"

    yield make
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_database(make_database: Callable[[], str]) -> str:
    return make_database()
