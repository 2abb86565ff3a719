"""No regular expression is made of what a visitor typed, and none takes long for hostile text."""

import ast
import importlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_layers import ROOT, python_files

# Functions that build patterns from pieces which they escape, or of names in our own code.
BUILDERS = {
    "certificates/compiled/template.py": "marks of our own, each through re.escape",
    "common/spreadsheets/row_marks.py": "numbers of styles, counted by our own code",
    "common/spreadsheets/row_shapes.py": "every part of a sample goes through re.escape",
    "common/spreadsheets/xml_pieces.py": "tags are named by our own code",
}


def patterns_in_functions(file: Path) -> Iterator[ast.expr]:
    """What is handed to ``re.…`` when a function runs; a module's own patterns are constants."""
    for function in ast.walk(ast.parse(file.read_text())):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and node.args:
                    called = ast.unparse(node.func)
                    if called.startswith("re.") and called not in {"re.escape", "re.Match"}:
                        yield node.args[0]


def is_constant(pattern: ast.expr) -> bool:
    """A literal, or made of constants and of text that is escaped."""
    for node in ast.walk(pattern):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape":
            node.func, node.args = ast.Constant("escaped"), []
    names = (node.id for node in ast.walk(pattern) if isinstance(node, ast.Name))
    return all(name.isupper() for name in names)


def test_no_pattern_is_made_of_what_somebody_typed() -> None:
    made = {
        f"{file.relative_to(ROOT)}: {ast.unparse(pattern)}"
        for file in python_files()
        if str(file.relative_to(ROOT)) not in BUILDERS
        for pattern in patterns_in_functions(file)
        if not is_constant(pattern)
    }
    assert made == set()


def test_no_query_of_ours_searches_by_pattern() -> None:
    """A pattern is as slow as whoever wrote it likes: a search is for a part of a text."""
    found = {
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.keyword) and (node.arg or "").endswith(("__regex", "__iregex"))
    }
    assert found == set()


def compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    for file in python_files():
        if "re.compile(" in file.read_text():
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for attribute, value in vars(importlib.import_module(name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{name}.{attribute}", value


def test_no_pattern_takes_long_for_hostile_text() -> None:
    """One that tries every way to split a text would need hours for the first of these."""
    texts = [unit * (1_000 // len(unit)) for unit in (" ", "a", "1", "a.", "1 ", "(", "a@", "_x")]
    slow = {}
    for name, pattern in compiled():
        started = time.process_time()
        for text in texts:
            pattern.search(f"{text}!")
            pattern.fullmatch(f"{text}!")
        if (took := time.process_time() - started) > 1:
            slow[name] = took
    assert slow == {}
