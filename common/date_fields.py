from typing import Any

from django import forms


def day_input() -> forms.DateInput:
    # Browsers read a date in this format alone, whatever the language of the page.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": day_input()} | options)
