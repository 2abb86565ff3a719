"""A form that notices when somebody else has changed the row since it was opened."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _


def version_of(row: Model, fields: Iterable[str]) -> str:
    values = model_to_dict(row, fields=list(fields))
    plain = {name: _plain(value) for name, value in values.items()}
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(getattr(item, "pk", item) for item in value)
    return value


class OptimisticLockForm(forms.ModelForm[Any]):
    """Refuses changes based on an older version of the row.

    The row must be read, and locked when the form is sent, before the form is made.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)
    # What is watched; by default the fields of the form.
    watched: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_version = ""
        if self.instance.pk:
            self.current_version = version_of(
                self.instance, self.watched or self._meta.fields or ()
            )
            self.initial["version"] = self.current_version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.pop("version", "") != self.current_version:
            raise forms.ValidationError(
                _(
                    "Someone else changed this in the meantime; nothing was overwritten. "
                    "Reload the page to see the current version."
                ),
                code="stale",
            )
        return cleaned
