"""A choice of columns and their order that works without JavaScript."""

import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from common.numbers import whole_number


class ColumnPicker(forms.Widget):
    """A checkbox and a number for each column of ``words`` (key → name)."""

    use_fieldset = True

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()
        self.words = words

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        chosen = [column for column in value or () if column in self.words]
        positions = {column: position for position, column in enumerate(chosen, start=1)}
        rows = [
            {"column": column, "word": self.words[column], "position": positions.get(column)}
            for column in [*chosen, *(one for one in self.words if one not in positions)]
        ]
        context = {"name": name, "rows": rows, "describedby": (attrs or {}).get("aria-describedby")}
        return render_to_string("rosters/column_picker.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The ticked columns in the order of their numbers.

        A column with a new number takes the place of the one that had it: before it on the way up,
        behind it on the way down. Without a number it goes last.
        """
        before = {column: at for at, column in enumerate(data.getlist(f"{name}_before"), start=1)}

        def key(column: str) -> tuple[float, int, int]:
            at, number = before.get(column, 0), _number(data.get(f"{name}_{column}", ""))
            return number, (number > at) - (number < at), at

        return sorted(data.getlist(name), key=key)


class ColumnsField(forms.Field):
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
