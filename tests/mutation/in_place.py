"""Mutations inside functions: the code of the function is replaced in a copy of this process.

Django and the tests are loaded once; each mutation is tried in a fork with a database of its own.
Started by ``script/mutate`` in its copy of the checkout, with the names of mutations.
"""

import gc
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType
from typing import Any

import django
import pytest
from django.db import connection

from tests.mutation.mutations import ROOT, Mutation

LONGEST = 600  # seconds: a mutation may make a test wait for ever
_OPTIONS = ["-qq", "-s", "--tb=short", "-p", "no:cacheprovider", "-m", "not full"]
_UNNOTICED, _NOTICED, _BROKEN = 0, 1, 2
Replaced = list[tuple[FunctionType, CodeType]]


def main() -> int:
    """Write a line for each mutation: its name, what is wrong with it, who noticed, seconds."""
    from tests.mutation.generated import generated

    chosen = [mutation for mutation in generated() if mutation.name in sys.argv[1:]]
    files = {test.partition("::")[0] for mutation in chosen for test in mutation.tests}
    return pytest.main([*_OPTIONS, *sorted(files)], plugins=[_Loop(chosen)])


class _Loop:
    """A plugin of pytest that tries mutations instead of running all tests that were loaded."""

    def __init__(self, mutations: Sequence[Mutation]) -> None:
        self.mutations = mutations
        self.fails_unchanged: dict[str, bool] = {}

    @pytest.fixture(scope="session", autouse=True)
    @classmethod
    def _database(cls, django_db_setup: None) -> None:
        """Made once, for every fork to copy."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not session.testsfailed:  # no file failed to load
            _run(session, session.items[:1])  # makes what lasts for the session
        if session.testsfailed:
            raise session.Interrupted("tests fail with nothing changed")
        for mutation in self.mutations:
            started = time.monotonic()
            problem, killer = self._try(session, mutation)
            said = [mutation.name, problem, killer, time.monotonic() - started]
            sys.stdout.write(f"\n{json.dumps(said)}\n")
            sys.stdout.flush()
        return True

    def _try(self, session: pytest.Session, mutation: Mutation) -> tuple[str, str]:
        items = [item for test in mutation.tests for item in session.items if _is_of(item, test)]
        items = list(dict.fromkeys(items))
        code, killer = _forked(session, items, _replaced(mutation))
        while code == _NOTICED and self._fails_unchanged(session, killer):
            items = items[[item.nodeid for item in items].index(killer) + 1 :]
            code, killer = _forked(session, items, _replaced(mutation))
        if code == _NOTICED:
            return "", killer
        broken = f"(its tests did not run: {killer})"
        return ("all its tests" if code == _UNNOTICED else broken), ""

    def _fails_unchanged(self, session: pytest.Session, test: str) -> bool:
        """Whether a test kills nothing, since it fails with every control in place."""
        if test not in self.fails_unchanged:
            items = [item for item in session.items if item.nodeid == test]
            code, _test = _forked(session, items, [])
            self.fails_unchanged[test] = code != _UNNOTICED
        return self.fails_unchanged[test]


def _is_of(item: pytest.Item, test: str) -> bool:
    """Whether an argument of pytest (folder, file, test, row of a test) means the item."""
    return item.nodeid == test or item.nodeid.startswith((f"{test}/", f"{test}::", f"{test}["))


def _run(session: pytest.Session, items: list[pytest.Item]) -> str:
    """The first that fails. What was made for the session stays."""
    for item, following in pairwise([*items, session]):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return item.nodeid
    return ""


def _forked(
    session: pytest.Session, items: list[pytest.Item], replaced: Replaced
) -> tuple[int, str]:
    """The exit code of a fork that runs the tests, and the one that failed."""
    connection.close()  # SQLite's may not be open across a fork
    with TemporaryDirectory() as folder:
        said = Path(folder, "said")
        if (process := os.fork()) == 0:
            code = _BROKEN
            try:
                failed = _run_changed(session, items, replaced, folder)
                code = _NOTICED if failed else _UNNOTICED
                said.write_text(failed)
            except Exception:  # noqa: BLE001  # the parent says it
                said.write_text(traceback.format_exc())
            finally:
                os._exit(code)  # at once: what ends a run of pytest is the parent's
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        return code, said.read_text() if said.exists() else f"ended with {code}"


def _run_changed(
    session: pytest.Session, items: list[pytest.Item], replaced: Replaced, folder: str
) -> str:
    signal.alarm(LONGEST)
    for output in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    connection.settings_dict["NAME"] = shutil.copy(connection.settings_dict["NAME"], folder)
    for function, code in replaced:
        function.__code__ = code
    return _run(session, items)


def _replaced(mutation: Mutation) -> Replaced:
    """The functions that the mutation changes, wherever they are bound, and their new code."""
    file = ROOT / mutation.file
    changed = compile(mutation.applied_to(file.read_text()), str(file), "exec", dont_inherit=True)
    codes = {code.co_qualname: code for code in _codes(changed, mutation.function)}
    loaded: list[Any] = gc.get_objects()
    found = [
        (function, codes[function.__code__.co_qualname])
        for function in loaded
        if type(function) is FunctionType  # isinstance would open what Django keeps closed
        and function.__code__.co_filename == str(file)
        and function.__code__.co_qualname in codes
    ]
    if not found:
        raise LookupError(f"{mutation.name}: the function is not loaded")
    return found


def _codes(code: CodeType, function: str) -> Iterator[CodeType]:
    """That of the function and of those inside it."""
    if code.co_qualname == function or code.co_qualname.startswith(f"{function}.<locals>."):
        yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant, function)


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
