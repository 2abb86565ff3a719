"""Inputs of one tag are written as Django's templates write them."""

from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from common.form_rendering import QuickRenderer

KINDS = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.HiddenInput,
)  # fmt: skip
VALUES = (
    "", None, "a\"b'<>&", mark_safe("<b>"), gettext_lazy("Name"), "%s {{ x }}", 0, 1234.5, True,
    False, Decimal("1234.5"), ("a", 1), ["a"],
)  # fmt: skip
HOSTILE = {
    "required": True, "disabled": False, "maxlength": 1000, "title": gettext_lazy("Name"),
    "data-x": '"><script>', "aria-describedby": "a b", "step": 1234.5, "pattern": r"\d'\"",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_is_written_as_its_template_writes_it(kind):
    with override("vi"):
        for value in VALUES:
            quick, slow = (
                kind().render('n"<x', value, HOSTILE, renderer=renderer)
                for renderer in (QuickRenderer(), DjangoTemplates())
            )
            assert quick == slow.strip()
