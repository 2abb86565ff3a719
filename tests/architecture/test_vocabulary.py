"""Names in our code use the words of docs/vocabulary.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_layers import ROOT, python_files

LEFT_BEHIND = frozenset({
    "alike", "anew", "deed", "deeds", "door", "doors", "doubt", "doubts", "heir", "heirs", "house",
    "keeper", "keepers", "lucky", "mend", "mended", "mends", "place", "places", "room", "rooms",
    "said", "shelf", "sight", "standing", "told",
})  # fmt: skip
EXCEPTIONS = frozenset({"decimal_places"})  # Django's own word
# Words with a plain meaning besides: where something is printed, drawn or read; free space.
PLAIN = {
    "place": ("certificates/", "common/", "courses/", "enrollment/pdf.py", "rosters/", "targets/"),
    "places": ("common/",),
    "room": ("certificates/pdf/", "common/", "rosters/exporting/papers.py"),
    "said": ("common/",),
    "told": ("common/",),
}


def names(tree: ast.AST) -> Iterator[str]:
    """What the code defines: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def words(name: str) -> set[str]:
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+", name)
    return {part.lower() for part in parts}


def left_behind(file: Path) -> list[str]:
    where = str(file.relative_to(ROOT))
    plain = {word for word, paths in PLAIN.items() if where.startswith(paths)}
    forbidden = LEFT_BEHIND - plain
    defined = {*names(ast.parse(file.read_text())), file.stem} - EXCEPTIONS
    return [f"{where}: {name}" for name in sorted(defined) if words(name) & forbidden]


def test_names_use_the_vocabulary() -> None:
    assert [line for file in python_files() for line in left_behind(file)] == []


@pytest.mark.parametrize("word", sorted(LEFT_BEHIND - {"places", "deeds", "heirs", "rooms"}))
def test_each_word_left_behind_is_found(word: str, tmp_path: Path) -> None:
    assert words(f"_the_{word}_of") & LEFT_BEHIND == {word}
