"""Which functions are parsers, with their limits."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, ParamSpec, TypeVar

from common.bounded.limits import Limits
from common.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Parser:
    """``preload`` are libraries that the server imports before it forks."""

    function: Callable[..., Any]
    limits: Limits
    errors: tuple[type[DomainError], ...]
    preload: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.function.__module__}:{self.function.__qualname__}"


_parsers: Final[dict[str, Parser]] = {}


def parser(
    limits: Limits,
    *,
    errors: tuple[type[DomainError], ...] = (),
    preload: tuple[str, ...] = (),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def declare(function: Callable[P, R]) -> Callable[P, R]:
        declared = Parser(function, limits, errors, preload)
        _parsers[declared.name] = declared
        return function

    return declare


def parser_of(function: Callable[..., Any]) -> Parser:
    """Error: LookupError for an undeclared function."""
    return _parsers[f"{function.__module__}:{function.__qualname__}"]


def parser_named(name: str) -> Parser:
    if name not in _parsers:
        import_module(name.partition(":")[0])
    return _parsers[name]


def declared_parsers() -> list[Parser]:
    return list(_parsers.values())
