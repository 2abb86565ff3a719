"""Columns ticked and numbered on a page: an order that can be told without a script."""

import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from common.numbers import whole_number


class ColumnPicker(forms.Widget):
    """A box to tick and a place in the order for each of ``words`` (column → its word)."""

    use_fieldset = True

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()
        self.words = words

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """The columns that are chosen in their order, below them the others."""
        chosen = [column for column in value or () if column in self.words]
        places = {column: place for place, column in enumerate(chosen, start=1)}
        rows = [
            {"column": column, "word": self.words[column], "place": places.get(column)}
            for column in [*chosen, *(one for one in self.words if one not in places)]
        ]
        context = {"name": name, "rows": rows, "describedby": (attrs or {}).get("aria-describedby")}
        return render_to_string("rosters/column_picker.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The ticked columns in the order that their numbers tell.

        A column that got another number goes where that number stood: before it on the way up,
        behind it on the way down. Without a number it goes last.
        """
        stood = {column: at for at, column in enumerate(data.getlist(f"{name}_stood"), start=1)}

        def key(column: str) -> tuple[float, int, int]:
            at, number = stood.get(column, 0), _number(data.get(f"{name}_{column}", ""))
            return number, (number > at) - (number < at), at

        return sorted(data.getlist(name), key=key)


class ColumnsField(forms.Field):
    """Columns in order; at least one."""

    def __init__(self, *, words: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(widget=ColumnPicker(words), **kwargs)
        self.words = words

    def to_python(self, value: Any) -> list[str]:
        columns: list[str] = list(dict.fromkeys(value or ()))
        if unknown := [column for column in columns if column not in self.words]:
            raise ValidationError(
                _("There is no column “%(column)s”.") % {"column": unknown[0][:40]}
            )
        return columns


def _number(written: str) -> float:
    number = whole_number(written)
    return math.inf if number is None else number
