import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms

from common.dates import parse_date, parse_moment
from common.errors import DomainError


def day_input() -> forms.DateInput:
    # Browsers read a date in this format alone, whatever the language of the page.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day in any form that ``common.dates`` reads."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": day_input()} | options)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        with domain_errors_as_invalid():
            return parse_date(value)

    def prepare_value(self, value: Any) -> Any:
        try:
            return self.to_python(value)
        except forms.ValidationError:
            return value


class MomentField(forms.Field):
    """A day, or an instant as figures print it."""

    widget = forms.TextInput(attrs={"size": 26, "autocomplete": "off"})

    def to_python(self, value: Any) -> dt.date | dt.datetime | None:
        with domain_errors_as_invalid():
            return parse_moment(value) if value else None


@contextmanager
def domain_errors_as_invalid() -> Iterator[None]:
    """A refusal of the domain becomes an error of the form's field."""
    try:
        yield
    except DomainError as error:
        raise forms.ValidationError(error.message, code=error.code) from error
