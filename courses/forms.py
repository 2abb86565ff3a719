"""What the catalogue may be narrowed down by."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CatalogueFilter(forms.Form):
    q = forms.CharField(
        label=_("Title or code"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
