from typing import Any

from django import forms


class DayField(forms.DateField):
    """A date, entered with the browser's own picker."""

    def __init__(self, **options: Any) -> None:
        picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": picker} | options)
