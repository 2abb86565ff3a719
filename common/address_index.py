"""Addresses by their first word: without it every request is compared with each of some 250."""

import re
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

_PLAIN = re.compile(r"\.?[a-z-]+")


class _Beginning(RoutePattern):
    """Looks at the first word, and leaves it to the patterns behind it."""

    def __init__(self, word: str) -> None:
        super().__init__("")
        self._word = word

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, Any]] | None:
        return (path, (), {}) if path.startswith(self._word) else None


def by_first_word(modules: Iterable[str]) -> list[URLResolver]:
    """The addresses of several modules, each group of one word in their order.

    Those that do not begin with a plain word stand behind all others.
    """
    groups = defaultdict[str, list[Any]](list)
    for name in modules:
        for one in import_module(name).urlpatterns:
            groups[_first_word(one)].append(one)
    last = groups.pop("", [])
    return [URLResolver(_Beginning(word), found) for word, found in [*groups.items(), ("", last)]]


def _first_word(one: URLPattern | URLResolver) -> str:
    word, slash, _rest = str(one.pattern).removeprefix("^").partition("/")
    return word if slash and _PLAIN.fullmatch(word) else ""
