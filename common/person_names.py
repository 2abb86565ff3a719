"""Names of people, as forms take them and tables store them.

``common.identity.parse_name`` says what a name is made of.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from common.identity import IdentityError, parse_name
from common.one_line import OneLineField


class PersonNameInput(forms.CharField):
    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if text in self.empty_values:
            return text
        try:
            return parse_name(text)
        except IdentityError as error:
            raise ValidationError(str(error.message), code=error.code) from error


class PersonNameField(OneLineField):
    """Always stored in NFC, without invisible characters and with single blanks.

    Forms and imports refuse what is no name, with a message; the column does not, since erased
    people and names of the system are stored too.
    """

    def formfield(self, *args: Any, **options: Any) -> Any:
        return super().formfield(*args, **({"form_class": PersonNameInput} | options))
