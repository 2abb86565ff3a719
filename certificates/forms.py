"""What is asked of somebody who checks a certificate."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.dates import DateError, parse_birth

LARGEST_FILE = 20_000_000


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Verification code"),
        help_text=_("Four groups of four letters and digits, beside the QR code."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Certificate file"),
        help_text=_("The PDF file as it was issued, at most 20 MB. It is compared, not kept."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 20 MB; a certificate never is."))
        return file


class BirthForm(forms.Form):
    birth = forms.CharField(
        label=_("Birth date"),
        help_text=_("As it is printed: dd/mm/yyyy, or only the year."),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_birth(self) -> Any:
        """The date, or the bare year as a number."""
        try:
            return parse_birth(self.cleaned_data["birth"])
        except DateError as error:
            raise ValidationError(error.message) from error
