"""Mutations read from the code: access marks, querysets by user, permission checks, limits.

What is added to the code in the same form joins by itself.
"""

import ast
import importlib
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.architecture import test_access as pages
from tests.architecture import test_api_access as api
from tests.architecture.test_visible_rows import BY_USER, ROWS_SEEN
from tests.mutation.mutations import ROOT, Mutation
from tests.mutation.tests_by_file import REFUSED_INSIDE, tests_for

# From the start of one node to the end of another, and what stands there instead.
Change = tuple[ast.AST, ast.AST, str]
_TABLE = "test_each_visitor_gets_the_answer_of_the_table"
_PAGE_ROW = f"tests/architecture/test_access.py::{_TABLE}"
_API_ROW = f"tests/architecture/test_api_access.py::{_TABLE}"


class Module:
    """One file of the application and its functions, by ``name`` or ``Class.name``."""

    def __init__(self, path: Path) -> None:
        self.file = _relative(str(path))
        self.lines = path.read_bytes().splitlines(keepends=True)
        tree = ast.parse(b"".join(self.lines))
        self.classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
        owners: list[Any] = [tree, *self.classes]
        self.functions = {
            f"{owner.name}.{node.name}" if isinstance(owner, ast.ClassDef) else node.name: node
            for owner in owners
            for node in owner.body
            if isinstance(node, ast.FunctionDef)
        }

    def permissions(self) -> Iterator[tuple[ast.ClassDef, ast.Assign, ast.Call]]:
        """The classes of the API with ``permission_classes`` and the ``permit(…)`` in it."""
        for owner in self.classes:
            for node in owner.body:
                if isinstance(node, ast.Assign) and "permit(" in ast.unparse(node.value):
                    for call in ast.walk(node.value):
                        if isinstance(call, ast.Call) and _name(call) == "permit":
                            yield owner, node, call

    def edit(self, function: ast.FunctionDef, *changes: Change) -> tuple[str, str]:
        """The function as it stands, and as the changes leave it."""
        return self.edit_between(function, function, *changes)

    def edit_between(self, first: ast.AST, last: ast.AST, *changes: Change) -> tuple[str, str]:
        source = b"".join(self.lines)
        start, end = self._span(first, last)
        while start and source.count(source[start:end]) > 1:  # two classes may have the same
            start = source.rfind(b"\n", 0, start - 1) + 1
        old = new = source[start:end]
        spans = [(*self._span(begin_at, stop_at), text) for begin_at, stop_at, text in changes]
        for begin, stop, text in sorted(spans, reverse=True):
            new = new[: begin - start] + text.encode() + new[stop - start :]
        return old.decode(), new.decode()

    def _span(self, first: Any, last: Any) -> tuple[int, int]:
        begins = [first, *getattr(first, "decorator_list", [])]
        begin = min(self._offset(node.lineno, node.col_offset) for node in begins)
        return begin, self._offset(last.end_lineno, last.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        return sum(map(len, self.lines[: line - 1])) + column


@cache
def generated() -> tuple[Mutation, ...]:
    files = (file for app in (*settings.APPS, "common") for file in (ROOT / app).rglob("*.py"))
    found: list[Mutation] = []
    for file in sorted(files):
        if "migrations" not in file.parts:
            module = Module(file)
            found += [*_marks(module, "anybody"), *_marks(module, "signed_in")]
            found += _in_functions(module)
    return tuple(found)


def _relative(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else file


# Marks: who may enter a view or call a method of the API -----------------------------------


@cache
def table_rows() -> dict[tuple[str, str], list[str]]:
    """The rows of the access tables, by file and name of the view."""
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, route in pages.ours():
        code = getattr(inspect.unwrap(route.callback), "__code__", None)
        if code and not name.startswith("api:"):
            view = (_relative(code.co_filename), code.co_name)
            rows[view] += [f"{_PAGE_ROW}[{m} {n}]" for m, n in pages.RIGHTS if n == name]
    for address, endpoint in api.endpoints().items():
        for method in api.visitors_of(endpoint):
            view = (_relative(inspect.getfile(endpoint)), f"{endpoint.__name__}.{method}")
            rows[view] += [
                f"{_API_ROW}[{row[0]} {row[1]}]"
                for row in api._ROWS
                if row[0].lower() == method and api._shape(row[1]) == api._shape(address)
            ]
    return rows


def _marks(module: Module, visitor: str) -> Iterator[Mutation]:
    """The marks of one file; the row of each view must fail by itself."""
    edits, rows = [], []
    wider = {"ANYBODY", "SIGNED_IN"} if visitor == "signed_in" else {"ANYBODY"}
    for name, function in module.functions.items():
        for mark in function.decorator_list:
            if not isinstance(mark, ast.Call) or _name(mark) != "allow":
                continue
            if wider.isdisjoint(ast.unparse(part) for part in mark.args):
                edits.append(module.edit(function, (mark.args[0], mark.args[-1], f'"{visitor}"')))
                rows += [
                    row
                    for row in table_rows()[module.file, name]
                    if visitor == "anybody" or row_name(row) not in REFUSED_INSIDE
                ]
    for owner, assigned, call in module.permissions():
        shut = [part for part in call.keywords if wider.isdisjoint({ast.unparse(part.value)})]
        if shut:
            changes = [(part.value, part.value, f'"{visitor}"') for part in shut]
            edits.append(module.edit_between(owner, assigned, *changes))
            rows += [
                row
                for part in shut
                for row in table_rows()[module.file, f"{owner.name}.{part.arg}"]
                if visitor == "anybody" or row_name(row) not in REFUSED_INSIDE
            ]
    if edits if visitor == "anybody" else rows:
        yield Mutation(
            f"open to {visitor}: {module.file}",
            module.file,
            tuple(edits),
            tuple(rows),
            rows=("8.2.1", "8.3.1"),
            together=f"open to {visitor}",
        )


def row_name(row: str) -> str:
    """``POST holidays`` of the test of that row."""
    return row.partition("[")[2].removesuffix("]")


# Inside functions ---------------------------------------------------------------------------


def _in_functions(module: Module) -> Iterator[Mutation]:
    for name, function in module.functions.items():
        own = table_rows().get((module.file, name), [])
        near = [
            row for view, rows in table_rows().items() if view[0] == module.file for row in rows
        ]
        for (kind, asvs), changes in _KINDS.items():
            for number, change in enumerate(changes(module.file, function), start=1):
                yield Mutation(
                    f"{kind}: {module.file} {name}" + f" ({number})" * (number > 1),
                    module.file,
                    (module.edit(function, change),),
                    tests_for(kind, module.file, list(dict.fromkeys([*own, *near]))),
                    rows=asvs,
                    function=name,
                )


def _every_row(file: str, function: ast.FunctionDef) -> Iterator[Change]:
    """``def visible_to(self, user)`` that leaves nobody's row out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if function.name in BY_USER and file.endswith("querysets.py"):
        yield body[0], body[-1], "return self"


def _rows_of_others(file: str, function: ast.FunctionDef) -> Iterator[Change]:
    """``Thing.objects.visible_to(user)`` that becomes ``Thing.objects.all()``."""
    for call in _calls(function):
        of_everything = isinstance(call.func, ast.Attribute) and not file.endswith("querysets.py")
        if of_everything and _name(call) in BY_USER and not _is_second_layer(file, function, call):
            yield call, call, f"{ast.unparse(call.func.value)}.all()"  # type: ignore[attr-defined]


def _is_second_layer(file: str, function: ast.FunctionDef, call: ast.Call) -> bool:
    """Whether the marks let in only those who see every row: then no request can tell.

    The marks are the control there ("open to"), the queryset stays for the next view.
    """
    model = ast.unparse(call.func).partition(".objects")[0]
    seen = ROWS_SEEN.get(f"{model}.{_name(call)}", {})
    roles = _roles_reaching(file, function.lineno)
    return bool(roles) and all(seen.get(_EVERYWHERE.get(role, "")) == "all" for role in roles)


def _roles_reaching(file: str, line: int, passed: frozenset[int] = frozenset()) -> set[str]:
    """The roles of a function's mark, or of the marks of all that lead to it in its file.

    None where anything without a mark calls it from outside.
    """
    functions = _marked(file)
    name, _calls, own = functions[line]
    if own or line in passed:
        return own
    callers = [caller for caller, (_name, calls, _own) in functions.items() if name in calls]
    reaching = [_roles_reaching(file, caller, passed | {line}) for caller in callers]
    return set().union(*reaching) if all(reaching) else set()


@cache
def _marked(file: str) -> dict[int, tuple[str, set[str], set[str]]]:
    """Each function of a file by its line: its name, what it calls, the roles of its mark."""
    source = ast.parse((ROOT / file).read_text())
    by_class = {
        method.lineno: roles
        for owner in ast.walk(source)
        if isinstance(owner, ast.ClassDef) and (roles := _allowed(file, owner.name))
        for method in owner.body
        if isinstance(method, ast.FunctionDef)
    }
    names = vars(importlib.import_module(file.removesuffix(".py").replace("/", ".")))
    return {
        node.lineno: (
            node.name,
            {_name(call) for call in _calls(node)},
            {
                str(role)
                for mark in node.decorator_list
                if isinstance(mark, ast.Call) and _name(mark) == "allow"
                for role in eval(f"({_arguments(mark)},)", names)  # noqa: S307 - our own code
            }
            | by_class.get(node.lineno, set()),
        )
        for node in ast.walk(source)
        if isinstance(node, ast.FunctionDef)
    }


def _allowed(file: str, name: str) -> set[str]:
    """The roles that ``permit(…)`` lets into the methods of a class of the API."""
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    found: Any = getattr(module, name, None)
    visitors = found.get_visitors() if hasattr(found, "get_visitors") else {}
    return {str(role) for roles in visitors.values() for role in roles}


def _arguments(mark: ast.Call) -> str:
    return ", ".join(ast.unparse(part) for part in mark.args)


# Roles that belong to no agency, as the table of rows calls them: their "all" is everything.
_EVERYWHERE = {"programme_office": "office", "auditor": "auditor"}


def _no_refusal(_file: str, function: ast.FunctionDef) -> Iterator[Change]:
    """``if …: raise PermissionDenied`` that never refuses."""
    for node in ast.walk(function):
        if isinstance(node, ast.If) and ast.unparse(node.body[0]).startswith(_REFUSALS):
            yield node.test, node.test, f"False and ({ast.unparse(node.test)})"


def _always_may(_file: str, function: ast.FunctionDef) -> Iterator[Change]:
    """A question about rights that is always answered yes; what asks of nobody is none."""
    asks = function.name.lstrip("_").startswith(("may_", "is_open_to", "has_object_permission"))
    if asks and _ASKED_OF.intersection(arg.arg for arg in function.args.args):
        yield function.body[-1], function.body[-1], "return True"


def _no_limit(_file: str, function: ast.FunctionDef) -> Iterator[Change]:
    """A limit on tries that never counts."""
    for call in _calls(function):
        if _name(call) in {"allows", "allows_guess"}:
            yield call, call, "True"
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr == "is_allowed":
            yield node, node, "True"


_ASKED_OF = {"user", "request"}
_REFUSALS = ("raise PermissionDenied", "raise exceptions.PermissionDenied")
# What is taken away, and the rows of docs/asvs.md that it answers.
_KINDS: dict[tuple[str, tuple[str, ...]], Callable[[str, ast.FunctionDef], Iterator[Change]]] = {
    ("every row", ("8.2.2", "8.4.1")): _every_row,
    ("rows of others", ("8.2.2", "8.4.1")): _rows_of_others,
    ("no refusal", ("8.2.1",)): _no_refusal,
    ("always may", ("8.2.1",)): _always_may,
    ("no limit", ("2.4.1",)): _no_limit,
}


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")
