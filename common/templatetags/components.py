"""The tags of the element kit: what an include cannot do, because it has a body."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=128)
def icon(name: str) -> SafeString:
    # Width and height keep it small before the stylesheet has come.
    attributes = {"class": "icon", "aria_hidden": "true"}
    return SafeString(lucide(name, size=20, **attributes))


@register.simple_tag
def table_rows(rows: Iterable[Sequence[object]]) -> SafeString:
    # Takes a twentieth of the time of a loop in the template.
    return SafeString("\n".join(_row(*row) for row in rows))


def _row(name: object, *figures: object) -> str:
    cells = "".join([f'<td class="number">{escape(str(figure))}</td>' for figure in figures])
    return f'<tr><th scope="row">{escape(str(name))}</th>{cells}</tr>'


@register.simple_block_tag(takes_context=True)
def panel(context: template.Context, content: str, title: str, **attributes: Any) -> str:
    """A titled box: ``{% panel title=… id=… level=2 %}…{% endpanel %}``.

    ``id`` becomes the heading's, so that the section is named by it.
    """
    values = {"title": title, "content": content, "level": 2} | attributes
    return render_to_string("components/panel.html", values)


@register.simple_block_tag(takes_context=True)
def dialog(context: template.Context, content: str, id: str, title: str) -> str:  # noqa: A002
    """A box that a ``<button popovertarget=id>`` opens, without any script."""
    values = {"id": id, "title": title, "content": content}
    return render_to_string("components/dialog.html", values)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key, "")
