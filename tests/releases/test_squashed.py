"""A new database runs squashed migrations and becomes what the replaced ones make of an old one."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tests.releases.history import walking_executor

RECORD = "django_migrations"  # the names differ by those of the squashed migrations
Name = tuple[str, str]


def record(applied: Iterable[Name]) -> None:
    rows = MigrationRecorder(connection).migration_qs
    rows.all().delete()
    rows.bulk_create(rows.model(app=app, name=name) for app, name in applied)


def run(address: str, *arguments: str) -> None:
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "lms.settings"}
    subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        check=True,
        timeout=300,
    )


def content(address: str) -> Any:
    """Tables, columns, defaults, indexes, constraints, triggers, sequences and rows."""
    if address.startswith("sqlite"):
        return content_of_sqlite(address.removeprefix("sqlite:///"))
    dump = subprocess.run(
        ["pg_dump", "--inserts", f"--exclude-table-data={RECORD}", address],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    # Each dump is restricted by a key of its own.
    return [
        line
        for line in dump.splitlines()
        if not re.match(rf"\\(un)?restrict |.*setval\('public.{RECORD}_id_seq'", line)
    ]


def content_of_sqlite(file: str) -> Any:
    """Without the order of columns: Django remakes tables here, and eight came out in another."""
    database = sqlite3.connect(file)
    database.row_factory = sqlite3.Row
    made = {
        (row["type"], row["name"]): sorted(re.split(r"\s*[,()]\s*", row["sql"] or ""))
        for row in database.execute("SELECT type, name, sql FROM sqlite_master")
    }
    rows = {
        table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608  # of its own tables
        for kind, table in made
        if kind == "table" and table not in {RECORD, "sqlite_sequence"}
    }
    return made, rows


@pytest.mark.full
@pytest.mark.both_engines
def test_a_new_database_is_what_every_migration_in_turn_makes(
    make_database: Callable[[], str],
) -> None:
    new, walked = make_database(), make_database()
    run(new, "manage.py", "migrate", "--no-input", "--verbosity", "0")
    run(walked, "-m", "tests.releases.database", "walk")
    assert content(new) == content(walked)


@pytest.mark.django_db
def test_a_database_that_ran_the_replaced_ones_has_nothing_left_to_do() -> None:
    executor = walking_executor(connection)
    record(executor.loader.graph.nodes)
    present = MigrationExecutor(connection)
    assert present.migration_plan(present.loader.graph.leaf_nodes()) == []
    call_command("migrate", verbosity=0)
    assert set(present.loader.replacements) <= set(present.recorder.applied_migrations())


@pytest.mark.django_db
def test_an_old_database_is_taken_on_from_wherever_it_stopped() -> None:
    executor = walking_executor(connection)
    graph = executor.loader.graph
    plan = executor.migration_plan(graph.leaf_nodes(), clean_start=True)
    names = [(one.app_label, one.name) for one, _backwards in plan]
    squashed = executor.loader.replacements
    replaced = {name for one in squashed.values() for name in one.replaces}
    stops = {frozenset(names[: names.index(name)]) for name in replaced}
    stops |= {frozenset(graph.forwards_plan(name)) for name in replaced}
    for applied in stops:
        # As ``migrate`` leaves it, with whatever is squashed by then.
        record(applied.union(one for one in squashed if applied.issuperset(squashed[one].replaces)))
        present = MigrationExecutor(connection)
        present.loader.check_consistent_history(connection)
        assert sorted([*applied, *left_to_run(present)]) == sorted(names)


def left_to_run(executor: MigrationExecutor) -> list[Name]:
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    runs = [one.replaces or [(one.app_label, one.name)] for one, _backwards in plan]
    return [name for names in runs for name in names]
