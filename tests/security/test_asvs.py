"""The table of the security standard speaks of checks that are there.

A row that says *met* names a test by its node id, which a mutation of ``script/mutate`` makes
fail, or a static check that ``script/test`` runs.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.mutation.controls import DECLARED
from tests.mutation.generated import generated

ROOT = Path(settings.BASE_DIR)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "asvs.md").read_text().splitlines()
    if re.match(r"\| \d", line)
]
STATES = {"met", "reviewed", "partly", "**not met**", "operator"}
MET = [row for row in ROWS if row[2] == "met"]
_RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]


def node_ids(cell: str) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", cell)


def static_checks(cell: str) -> list[str]:
    """``ruff S608``, ``deploy security.W004``, ``mypy``."""
    return re.findall(r"\b(ruff [A-Z]+\d+|deploy \w+\.W\d+|mypy)\b", cell)


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def exists(test: str) -> bool:
    """Whether a file, a folder or the function of a node id is there."""
    file, _colons, name = test.partition("::")
    if not (ROOT / file).exists():
        return False
    return not name or name.partition("[")[0] in functions_of(file)


def runs(check: str) -> bool:
    """Whether ``script/test`` makes the check, and nothing switches it off."""
    kind, _space, code = check.partition(" ")
    if kind == "ruff":
        chosen = any(code.startswith(prefix) for prefix in _RULES["select"])
        return chosen and not any(code.startswith(prefix) for prefix in _RULES["ignore"])
    if kind == "deploy":
        command = "manage.py check --deploy --fail-level WARNING"
        silenced = getattr(settings, "SILENCED_SYSTEM_CHECKS", [])
        return command in (ROOT / "script/test").read_text() and code not in silenced
    strict = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["strict"]
    return strict and "step 'mypy' mypy" in (ROOT / "script/test").read_text()


def test_every_test_that_the_table_names_exists() -> None:
    named = {test for row in ROWS for test in re.findall(r"`(tests/[\w/:]+\.?\w*)`", row[3])}
    named |= {test for row in ROWS for test in node_ids(row[3])}
    assert len(named) > 60
    assert {test for test in named if not exists(test)} == set()


@pytest.mark.parametrize("row", MET, ids=[row[0] for row in MET])
def test_a_row_that_is_met_names_what_would_fail(row: list[str]) -> None:
    checks = static_checks(row[3])
    assert [check for check in checks if not runs(check)] == []
    assert checks or node_ids(row[3]), (
        "name a test by its node id, a static check, or no longer met"
    )


@pytest.mark.parametrize("row", MET, ids=[row[0] for row in MET])
def test_a_row_that_rests_on_a_test_has_a_control_to_take_away(row: list[str]) -> None:
    if static_checks(row[3]):
        return
    answered = {
        test
        for mutation in [*DECLARED, *generated()]
        if not set(row[0].split(", ")).isdisjoint(mutation.rows)
        for test in mutation.tests
    }
    files = {test for test in answered if "::" not in test}
    bare = {test.partition("[")[0] for test in answered}
    assert [
        test for test in node_ids(row[3]) if test in bare or test.partition("::")[0] in files
    ], "script/mutate takes no control of this row away"


def test_every_row_has_a_status() -> None:
    assert [row[0] for row in ROWS if len(row) != 4 or row[2] not in STATES] == []


def test_every_chapter_of_the_standard_is_there_once() -> None:
    items = [item for row in ROWS for item in row[0].split(", ")]
    assert len(items) == len(set(items))
    assert {int(item.split(".")[0]) for item in items} == set(range(1, 17))


def test_the_page_of_threats_names_tests_and_decisions_that_exist() -> None:
    page = (ROOT / "docs" / "threats.md").read_text()
    tests = set(re.findall(r"`(tests/[\w/]+\.py)`", page))
    links = set(re.findall(r"\]\(([\w/.-]+\.md)\)", page))
    assert len(tests) > 20
    assert {test for test in tests if not exists(test)} == set()
    assert {link for link in links if not (ROOT / "docs" / link).exists()} == set()
