"""Fixtures for all apps. People and enrollments are made by ``tests/factories.py``."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from common import append_only, drawn_pages, tallies
from common.prepared import Prepared

# The everyday check repeats the same examples, so that it says the same of the same code;
# ``script/test --full`` searches among new ones each time (``--hypothesis-profile=searching``).
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.register_profile("searching", print_blob=True, deadline=None)
hypothesis_settings.load_profile("repeatable")

# A test changes something and looks at once; test_drawn_pages.py and test_tallies.py turn it on.
drawn_pages.SECONDS = tallies.SECONDS = 0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """A reused database still holds the tries that the last run counted: no table of a model."""
    with django_db_blocker.unblock():
        caches["default"].clear()


@pytest.fixture(scope="session")
def _compiled_designs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One folder for all tests of a process: compiling takes a second."""
    return tmp_path_factory.mktemp("compiled-designs")


@pytest.fixture(autouse=True)
def _quick_and_closed(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, _compiled_designs: Any
) -> None:
    """Fast password hashes, files in a folder of the test's own, jobs done at once."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.COMPILED_DESIGNS = _compiled_designs
    settings.AUDIT_HEADS_DIR = tmp_path / "audit-heads"
    # Of processes that a test starts, too: the next test has the same database and an empty log.
    monkeypatch.setenv("AUDIT_HEADS_DIR", str(tmp_path / "audit-heads"))
    caches["calls"].clear()
    translation.activate(settings.LANGUAGE_CODE)  # a page in English leaves its language behind
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture(autouse=True)
def _prepared_questions_are_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a prepared question reads besides its arguments would make it another one."""
    ask = Prepared.__call__

    def ask_and_compare(self: Prepared, *arguments: Any, **values: Any) -> list[Any]:
        kept, built = (
            made and (made.sql, made.params)
            for made in (
                self.kept(connection.vendor, *arguments),
                self.statement(connection.vendor, *arguments),
            )
        )
        assert kept == built, f"{self.build.__name__} depends on more than its arguments"
        return ask(self, *arguments, **values)

    monkeypatch.setattr(Prepared, "__call__", ask_and_compare)


@pytest.fixture(autouse=True)
def _append_only_tables_can_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Between tests with real transactions the tables are emptied: lift the triggers for it."""
    marker = request.node.get_closest_marker("django_db")
    real_transactions = "transactional_db" in request.fixturenames or bool(
        marker and marker.kwargs.get("transaction")
    )
    if not real_transactions:
        yield
        return
    request.getfixturevalue("transactional_db")
    append_only.install(connection)
    yield
    append_only.remove(connection)
