"""Names of people, as forms take them and tables store them.

``common.identity.parse_name`` says what a name is made of.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from common.identity import IdentityError, parse_name
from common.one_line import OneLineField


class PersonNameInput(forms.CharField):
    """A name in a form: what is no letter of a name is refused with a sentence."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if text in self.empty_values:
            return text
        try:
            return parse_name(text)
        except IdentityError as error:
            raise ValidationError(str(error.message), code=error.code) from error


class PersonNameField(OneLineField):
    """Stored in NFC, without what nobody sees and with single blanks, by whatever way it comes.

    Refusing what is no name is up to whoever reads it, who can tell its writer: erased people and
    names of the system are stored too.
    """

    def formfield(self, *args: Any, **options: Any) -> Any:
        return super().formfield(*args, **({"form_class": PersonNameInput} | options))
