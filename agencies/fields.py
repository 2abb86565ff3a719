import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator

from common import formats
from common.form_choices import RowsField

_LONG_FORM = re.compile(r"(?:\d{2,3}\.)+[A-Z]\d{2}")


def stored_identifier(text: str) -> str:
    """``G12.18`` for an identifier in either of its two official forms.

    Decision 20/2020/QĐ-TTg writes the levels from the smallest to the largest, with zeros for a
    level that is not used: ``000.00.18.G12``. Data exchange writes the same unit as ``G12.18``.
    Enterprise numbers and anything else are only trimmed.
    """
    code = text.strip().upper()
    if not _LONG_FORM.fullmatch(code):
        return code
    levels = [level for level in reversed(code.split(".")) if level.strip("0")]
    return ".".join(levels)


class _Agencies(ModelChoiceIterator[Any]):
    """Agencies by name; those with the same name show their term."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        agencies = list(self.queryset)
        bearers = Counter(agency.name for agency in agencies)
        for agency in agencies:
            value, name = self.choice(agency)
            term = formats.term(agency.valid_from, agency.valid_to)
            yield value, f"{name} ({term})" if term and bearers[name] > 1 else name


class AgencyField(forms.ModelChoiceField[Any]):
    """A choice among agencies that may have ended: successors often have the same name."""

    iterator = _Agencies


class AgenciesField(RowsField):
    iterator = _Agencies
