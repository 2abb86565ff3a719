"""What import-linter cannot see: the order of apps, foreign keys upward, unsafe markup."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts import choices

ROOT = Path(settings.BASE_DIR)
OUR_APPS = (*settings.APPS, "common")


def layers() -> list[list[str]]:
    """The apps as pyproject.toml orders them, highest first; neighbours share a layer."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(c for c in contracts["contracts"] if c["id"] == "apps")
    return [[app.strip() for app in layer.split("|")] for layer in contract["layers"]]


RANK = {app: height for height, layer in enumerate(reversed(layers())) for app in layer}


def python_files() -> list[Path]:
    return [
        file
        for app in OUR_APPS
        for file in (ROOT / app).rglob("*.py")
        if "migrations" not in file.parts
    ]


def test_every_app_is_in_the_order_of_layers():
    assert set(RANK) == set(OUR_APPS)
    assert list(settings.APPS) == sorted(settings.APPS, key=lambda app: -RANK[app])


def test_no_model_points_upward():
    """Foreign keys may name their model as a string, which no import shows."""
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if model._meta.app_label in RANK and field.related_model._meta.app_label in RANK
        if field.related_model != model and not _may_point(model, field.related_model)
    ]
    assert upward == []


def _may_point(model, to) -> bool:
    here, there = model._meta.app_label, to._meta.app_label
    return here == there or RANK[here] > RANK[there]


def test_nothing_is_called_utils():
    assert [str(file) for file in python_files() if file.stem in {"utils", "helpers", "misc"}] == []


def inner_imports(file: Path) -> Iterator[str]:
    """Imports of our own apps inside functions; ``AppConfig.ready`` has to make them there."""
    tree = ast.parse(file.read_text())
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if file.name == "apps.py" and function.name == "ready":
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            found = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in found or [alias.name for alias in node.names]:
                if name.split(".")[0] in OUR_APPS:
                    yield f"{file.relative_to(ROOT)}:{node.lineno} {name}"


def test_functions_import_no_app_of_ours():
    assert [found for file in python_files() for found in inner_imports(file)] == []


FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an address of another site": re.compile(
        r"""(?:src|action)\s*=\s*["']?https?:""", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_holds(what):
    templates = [*(ROOT / "templates").rglob("*.html")]
    guilty = [str(t.relative_to(ROOT)) for t in templates if FORBIDDEN[what].search(t.read_text())]
    assert guilty == [], f"the content security policy stops {what}"


def test_the_patterns_see_what_they_forbid():
    samples = (
        '<p style="color: red">',
        "<script>",
        '<a onclick="x()">',
        "<img src=https://x.vn/a>",
    )
    assert all(FORBIDDEN[what].search(s) for what, s in zip(FORBIDDEN, samples, strict=True))


def test_templates_format_no_dates():
    """Once in Python, not on every row: the filter costs more than query and page together."""
    filtered = re.compile(r"\{\{[^}]*\|\s*(?:date|time|naturaltime)\b")
    templates = (ROOT / "templates").rglob("*.html")
    assert [t.name for t in templates if filtered.search(t.read_text())] == []


# Each does more than raise another error.
CATCHES_VIOLATIONS = {
    "accounts/services/__init__.py",  # answers as the first request with the same key
    "accounts/services/single_sign_on.py",  # looks who was remembered instead
    "common/api/errors.py",  # 409 for what no service foresaw
    "common/constraints.py",
}


def test_no_line_of_a_page_is_longer_than_160_characters():
    lines = [
        f"{template.relative_to(ROOT)}:{number}"
        for template in (ROOT / "templates").rglob("*.html")
        for number, line in enumerate(template.read_text().splitlines(), start=1)
        if len(line) > 160
    ]
    assert lines == []


def test_violations_of_constraints_are_translated_by_one_function():
    found = {
        str(file.relative_to(ROOT))
        for file in python_files()
        if re.search(
            r"except \(?[^:\n]*IntegrityError|isinstance\(\w+, IntegrityError", file.read_text()
        )
    }
    assert found == CATCHES_VIOLATIONS


# Django imports them, for DATABASE_URL and CACHE_URL.
NOT_IMPORTED = {"psycopg", "redis"}


def test_every_required_package_is_used():
    listed = (ROOT / "requirements.in").read_text().splitlines()
    required = {re.split(r"[\[~=<>]", line)[0] for line in listed if line and line[0] not in "#-"}
    modules: dict[str, set[str]] = {}
    for module, packages in metadata.packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower().replace("_", "-"), set()).add(module)
    code = "\n".join(file.read_text() for file in python_files())
    unused = {
        package
        for package in required - NOT_IMPORTED
        if not re.search(rf"(?:import |from |[\"'])({'|'.join(modules[package])})\b", code)
    }
    assert unused == set()


ROLE_SETS = [
    name
    for name, value in vars(choices).items()
    if isinstance(value, tuple) and name != "NEEDS_SECOND_FACTOR"
]


def test_sets_of_roles_are_defined_once():
    """Under one name each, in accounts/choices.py; elsewhere a set is named, not spelled out."""
    spelled_out = [
        f"{file.relative_to(ROOT)}: {ast.unparse(node)}"
        for file in python_files()
        if file != ROOT / "accounts/choices.py"
        for node in ast.walk(ast.parse(file.read_text()))
        for roles in [_roles_in(node)]
        if len(roles) > 1
    ]
    assert spelled_out == []


def _roles_in(node: ast.AST) -> list[str]:
    parts = getattr(node, "elts", None) or (node.args if isinstance(node, ast.Call) else [])
    parts = [part.value if isinstance(part, ast.Starred) else part for part in parts]
    return [
        ast.unparse(part)
        for part in parts
        if ast.unparse(part).startswith("Role.") or ast.unparse(part) in ROLE_SETS
    ]


def test_no_two_names_have_one_set_of_roles():
    sets = [frozenset(getattr(choices, name)) for name in ROLE_SETS]
    assert len(sets) == len(set(sets))
