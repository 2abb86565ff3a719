"""What a form's field may be answered with, where only the request tells."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from common.markup import attributes, escaped
from common.numbers import whole_number


class QuickSelect(forms.Select):
    """A list without groups, written at once: Django renders a template for every option."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        shown = "" if value is None else str(value)
        options = [
            f'<option value="{escaped(key)}"{" selected" if str(key) == shown else ""}>'
            f"{escaped(label)}</option>"
            for key, label in self.choices
        ]
        given = attributes({"name": name} | self.build_attrs(self.attrs, attrs))
        return SafeString(f"<select{given}>{''.join(options)}</select>")


class RowsField(forms.ModelMultipleChoiceField[Any]):
    def clean(self, value: Any) -> Any:
        keys = value if isinstance(value, list | tuple) and not self.to_field_name else ()
        # No database compares a key with a number that is too long for it.
        if wrong := [str(key) for key in keys if whole_number(str(key)) is None]:
            message, code = self.error_messages["invalid_pk_value"], "invalid_pk_value"
            raise ValidationError(message, code=code, params={"pk": wrong[0][:40]})
        return super().clean(value)


def set_choices(form: forms.BaseForm, **offered: QuerySet[Any] | Iterable[Any]) -> None:
    for name, choices in offered.items():
        field: Any = form.fields[name]
        if isinstance(choices, QuerySet):
            field.queryset = choices
        else:
            field.choices = choices
