"""Codes in rosters: words in either language, among others, however they are typed."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.utils import translation

from common.vietnamese import search_key
from rosters.fields import FIELD

_SIGNS: Final = re.compile(r"[\W_]+")
_NOT_KNOWN: Final = frozenset(
    {" khong ro ", " chua ro ", " chua biet ", " not known ", " unknown "}
)
# “Không phải chuyên gia” names what somebody is not.
_NEGATIONS: Final = (" khong ", " chua ", " not ", " non ", " no ")


def read_code(key: str, text: str) -> str | None:
    """The only code of a column that a text names, as “Cán bộ quản lý” does; None for “not known”.

    Raises ValueError for any other text.
    """
    written = _in_words(text)
    if written in _NOT_KNOWN:
        return None
    named = [
        code
        for code, words in _words_by_code(key).items()
        if any(word in written for word in words)
    ]
    if len(named) != 1 or any(word in written for word in _NEGATIONS):
        raise ValueError(text)
    return named[0]


def _in_words(text: str) -> str:
    """Lower-case words without accents, with a space on either side of each."""
    return f" {_SIGNS.sub(' ', search_key(text)).strip()} "


@cache
def _words_by_code(key: str) -> Mapping[str, frozenset[str]]:
    return {
        code.value: frozenset({*map(_in_words, words.split(", ")), *_labels(code)})
        for code, words in FIELD[key].words.items()
    }


def _labels(code: Any) -> Iterator[str]:
    """In each language, as our own lists have it."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield _in_words(str(code.label))
