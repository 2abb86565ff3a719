"""What a form's field may be answered with, where only the request tells."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet


def choose_among(form: forms.BaseForm, **offered: QuerySet[Any] | Iterable[Any]) -> None:
    """Let fields of a form, by name, choose among rows or among pairs of value and label."""
    for name, choices in offered.items():
        field: Any = form.fields[name]
        if isinstance(choices, QuerySet):
            field.queryset = choices
        else:
            field.choices = choices
