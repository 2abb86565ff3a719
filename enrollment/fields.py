"""Fields of forms that several of our forms share."""

from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LARGEST_SCAN = 20 * 1024 * 1024
SCANS = ("pdf", "jpg", "jpeg", "png")


def _require_size(file: Any) -> None:
    if file.size > LARGEST_SCAN:
        raise forms.ValidationError(gettext("The file is larger than 20 MB."))


class ScanField(forms.FileField):
    """What was signed on paper: a PDF or a picture, at most 20 MB."""

    def __init__(self, **options: Any) -> None:
        accept = ",".join(f".{ending}" for ending in SCANS)
        given: dict[str, Any] = {
            "help_text": _("PDF or picture, at most 20 MB."),
            "validators": (
                FileExtensionValidator(SCANS, _("A scan is a PDF, JPEG or PNG file.")),
                _require_size,
            ),
            "widget": forms.FileInput(attrs={"accept": accept}),
        }
        super().__init__(**(given | options))
