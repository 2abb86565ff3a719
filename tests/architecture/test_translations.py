"""Both languages are complete: every string of the code stands translated in both files."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import templatize

from tests.architecture.test_layers import python_files

ROOT = Path(settings.BASE_DIR)
KEYWORDS = (
    "gettext_lazy", "ngettext_lazy:1,2", "pgettext:1c,2", "npgettext:1c,2,3",
    "pgettext_lazy:1c,2", "npgettext_lazy:1c,2,3",
)  # fmt: skip
MAY_BE_UNDERSCORE = {"gettext", "gettext_lazy", "gettext_noop", "DeferredMessage"}
# Where sentences that were collected elsewhere are worded.
WORDED_IN = ROOT / "common/deferred_messages.py"


def sources(*endings: str) -> list[Path]:
    folders = [ROOT / name for name in (*settings.APPS, "common", "templates")]
    return sorted(file for folder in folders for e in endings for file in folder.rglob(f"*{e}"))


def collect(folder: Path) -> Path:
    """A catalogue of every translatable string, taken from the sources as they are."""
    files = [str(file) for file in sources(".py")]
    for number, template in enumerate(sources(".html", ".txt")):
        code = folder / f"{number}.py"
        code.write_text(templatize(template.read_text("utf-8")), "utf-8")
        files.append(str(code))
    catalogue = folder / "strings.pot"
    subprocess.run(
        [
            "xgettext", "--language=Python", "--from-code=UTF-8", "--keyword=_",
            *(f"--keyword={keyword}" for keyword in KEYWORDS),
            "--keyword=gettext_noop", f"--output={catalogue}", *files,
        ],
        check=True,
    )  # fmt: skip
    return catalogue


@pytest.fixture(scope="session")
def strings_of_the_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collect(tmp_path_factory.mktemp("strings"))


def renamed(tree: ast.AST) -> Iterator[str]:
    """Imports of gettext functions under a name that the collector does not know."""
    for node in ast.walk(tree):
        for one in node.names if isinstance(node, ast.ImportFrom) else ():
            known = one.asname is None or (one.asname == "_" and one.name in MAY_BE_UNDERSCORE)
            if ("gettext" in one.name or one.name == "DeferredMessage") and not known:
                yield f"{one.name} as {one.asname}"


def without_a_string(tree: ast.AST) -> Iterator[str]:
    """Every mention of a gettext function that is not a call with a plain string.

    ``DeferredMessage`` takes any text, but a plain string only as ``_``.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    collected = {id(call.func) for call in calls if isinstance(call.args[0], ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            name = node.id if isinstance(node, ast.Name) else node.attr
            is_collected = id(node) in collected
            if (name == "_" or "gettext" in name) and not is_collected:
                yield f"{name} in line {node.lineno}"
            if name == "DeferredMessage" and is_collected:
                yield f"{name} in line {node.lineno}"


def unseen(code: str) -> list[str]:
    tree = ast.parse(code)
    return [*renamed(tree), *without_a_string(tree)]


def test_the_collector_sees_every_string_of_the_code() -> None:
    found = {
        str(file): unseen(file.read_text("utf-8")) for file in sources(".py") if file != WORDED_IN
    }
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "code",
    [
        "from django.utils.translation import gettext as _now",
        "from django.utils.translation import ngettext as _",
        "from common.deferred_messages import DeferredMessage as later",
        "now = gettext",
        "now = partial(translation.pgettext, 'month')",
        "gettext(heading)",
        "_(f'{count} rows')",
        "DeferredMessage('No row.')",
    ],
)
def test_a_string_hidden_from_the_collector_is_found(code: str) -> None:
    assert unseen(code)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_string_is_missing_fuzzy_or_untranslated(
    strings_of_the_code: Path, language: str
) -> None:
    translated = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    compared = subprocess.run(
        ["msgcmp", str(translated), str(strings_of_the_code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert compared.returncode == 0, compared.stderr[-3000:] + "\nRun script/messages."


@pytest.mark.parametrize("language", ["vi", "en"])
def test_placeholders_survive_the_translation(language: str) -> None:
    file = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    checked = subprocess.run(
        ["msgfmt", "--check", "-o", "/dev/null", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def lazy_texts_filled_in_at_once(file: Path) -> Iterator[str]:
    """``gettext_lazy("… %(x)s") % …`` is text in the language that the process started with."""
    tree = ast.parse(file.read_text())
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names = (name for node in imports for name in node.names)
    lazy = {name.asname or name.name for name in names if name.name.endswith("_lazy")}
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            called = node.left.func if isinstance(node.left, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in lazy:
                yield f"{file.relative_to(ROOT)}:{node.lineno}"


def test_no_lazy_text_is_filled_in_before_the_reader_is_known() -> None:
    assert [line for file in python_files() for line in lazy_texts_filled_in_at_once(file)] == []
