"""Pieces of HTML of which a page has many: ``format_html`` asks of each part what it is, twice."""

from collections.abc import Mapping
from html import escape
from typing import Any

from django.utils.html import conditional_escape


def escaped(text: Any) -> str:
    """As ``conditional_escape``, at once for a plain text."""
    return escape(text) if type(text) is str else str(conditional_escape(text))


def attributes(given: Mapping[str, Any]) -> str:
    """In their order; True stands for an attribute without a value, False and None for none."""
    return "".join(
        [
            f" {key}" if text is True else f' {key}="{escaped(text)}"'
            for key, text in given.items()
            if text is not False and text is not None
        ]
    )
