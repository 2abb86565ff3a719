"""How Django writes the widgets of every form (``FORM_RENDERER``)."""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

_INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html" for kind in ("email", "hidden", "number", "text", "url")
)


class QuickRenderer(DjangoTemplates):
    """An input of one tag is written at once; its template takes twenty times as long."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in _INPUTS:
            return input_tag(**context["widget"])
        return super().render(template_name, context, request)


def input_tag(
    *,
    type: str,  # noqa: A002 - as Django calls it
    name: str,
    value: Any,
    attrs: dict[str, Any],
    **_others: Any,
) -> SafeString:
    """Attributes in their order; True stands for an attribute without a value, False for none."""
    given = {"type": type, "name": name} | ({} if value is None else {"value": value}) | attrs
    written = [
        f" {key}" if text is True else f' {key}="{conditional_escape(text)}"'
        for key, text in given.items()
        if text is not False
    ]
    return SafeString(f"<input{''.join(written)}>")
