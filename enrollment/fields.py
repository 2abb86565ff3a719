"""Form fields that several forms share."""

from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MAX_SCAN_SIZE = 20 * 1024 * 1024
SCAN_EXTENSIONS = ("pdf", "jpg", "jpeg", "png")


def _require_size(file: Any) -> None:
    if file.size > MAX_SCAN_SIZE:
        raise forms.ValidationError(gettext("The file is larger than 20 MB."))


class ScanField(forms.FileField):
    def __init__(self, **options: Any) -> None:
        accept = ",".join(f".{extension}" for extension in SCAN_EXTENSIONS)
        defaults: dict[str, Any] = {
            "help_text": _("PDF or image, at most 20 MB."),
            "validators": (
                FileExtensionValidator(
                    SCAN_EXTENSIONS, _("A scan must be a PDF, JPEG or PNG file.")
                ),
                _require_size,
            ),
            "widget": forms.FileInput(attrs={"accept": accept}),
        }
        super().__init__(**(defaults | options))
