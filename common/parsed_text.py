from collections.abc import Callable
from typing import Any

from django import forms

from common.date_fields import domain_errors_as_invalid


class ParsedField(forms.CharField):
    """Text that a function reads, whose refusal is the field's; blank text stays blank."""

    def __init__(self, parse: Callable[[str], str], **options: Any) -> None:
        self.parse = parse
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if text in self.empty_values:
            return text
        with domain_errors_as_invalid():
            return self.parse(text)
