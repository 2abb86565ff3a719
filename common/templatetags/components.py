"""The tags of the element kit: what an include cannot do, because it has a body."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from lucide.templatetags.lucide import lucide

from common.lists import Column
from common.markup import attributes, escaped
from common.sorting import Sorting
from common.unasked_filters import Unasked

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


_TAG = re.compile(r"<(thead|tbody|tfoot|tr|td|th)\b([^>]*)>")
_HEAD = re.compile(r"<th\b.*?</th>", re.DOTALL)
_SPAN = re.compile(r'colspan="(\d+)"')
# A cell whose condition let nothing through; the style sheet leaves out what is empty.
_BLANK = re.compile(r"(<td\b[^>]*>)\s+(?=</td>)")
_ROLES = {"tr": "row", "td": "cell", "th": "rowheader"}


@register.simple_block_tag(takes_context=True)
def card_table(
    context: template.Context, content: str, label: object = "", by: str = ""
) -> SafeString:
    """A table whose rows are cards on a phone: each cell says what its column is called.

    ``label`` names it, or the heading whose id is ``by``.

    Written into the text of all rows at once: a loop in the template would ask for every label
    again in every row. The roles stay true where the style sheet makes cards of it.
    """
    head, end, body = _BLANK.sub(r"\1", content).partition("</thead>")
    labels = [escape(unescape(strip_tags(cell)).strip()) for cell in _HEAD.findall(head)]
    rows = _TAG.sub(_Marker([]), head) + end + _TAG.sub(_Marker(labels), body)
    name = f'aria-labelledby="{by}"' if by else f'aria-label="{escape(str(label))}"'
    return SafeString(
        f'<div class="table-wrap" tabindex="0" role="region" {name}>'
        f'<table class="table table-cards" role="table">{rows}</table></div>'
    )


class _Marker:
    """Gives each tag of a table its role, and cells the labels of their columns."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels, self._at = labels, 0

    def __call__(self, tag: re.Match[str]) -> str:
        name, attributes = tag.groups()
        role, label, at = _ROLES.get(name, "rowgroup"), "", self._at
        if name == "tr":
            self._at = 0
        elif name in {"td", "th"}:
            span = _SPAN.search(attributes)
            self._at += int(span[1]) if span else 1
            if name == "td" and not span and at < len(self._labels):
                label = f' data-label="{self._labels[at]}"'
            elif 'scope="col"' in attributes:
                role = "columnheader"
        return f'<{name}{attributes} role="{role}"{label}>'


@register.simple_tag(takes_context=True)
def column(context: template.Context, name: str, label: object, kind: str = "") -> SafeString:
    """The head of a column; its link sorts by it where the page has a ``sorting``."""
    return _column_head(context.get("sorting"), Column(label, name, kind))


def _column_head(sorting: Sorting | None, one: Column, role: str | None = None) -> SafeString:
    shown, state = escaped(one.label), None
    if sorting and one.sort:
        shown = f'<a href="{escape(sorting.link(one.sort))}">{shown}</a>'
        state = sorting.state(one.sort) or None
    given = attributes({"class": one.kind or None, "aria-sort": state, "role": role})
    return SafeString(f'<th scope="col"{given}>{shown}</th>')


@register.simple_tag(takes_context=True)
def list_table(
    context: template.Context, label: object, columns: Sequence[Column], rows: Iterable[Any]
) -> SafeString:
    """A long list as ``card_table`` shows it, of ready cells (``common.lists``).

    Takes a tenth of the time of rows that a template writes.
    """
    sorting = context.get("sorting")
    head = "".join([_column_head(sorting, one, "columnheader") for one in columns])
    cells = "".join(
        f'<td role="cell" class="{one.kind}" data-label="{_percent(one.label)}">%s</td>'
        for one in columns[1:]
    )
    row = f'<tr role="row"><th scope="row" role="rowheader">%s</th>{cells}</tr>'
    body = "\n".join([row % tuple(map(_cell, one)) for one in rows])
    return SafeString(
        f'<div class="table-wrap" tabindex="0" role="region" aria-label="{escape(str(label))}">'
        '<table class="table table-cards" role="table">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _cell(cell: Any) -> str:
    return cell if type(cell) is SafeString else escaped(cell)


def _percent(label: object) -> str:
    return escape(str(label)).replace("%", "%%")


@register.simple_tag
def filter_fields(form: BaseForm | Unasked) -> SafeString:
    """What narrows a list: its fields in a row."""
    if isinstance(form, Unasked):
        return _drawn_once(form.make, get_language())
    return _drawn(form)


@lru_cache(maxsize=64)
def _drawn_once(make: Callable[[], BaseForm], _language: str | None) -> SafeString:
    return _drawn(make())


def _drawn(form: BaseForm) -> SafeString:
    return SafeString(
        "\n".join([str(one) if one.is_hidden else _filter_field(one) for one in form])
    )


def _filter_field(field: BoundField) -> str:
    label = f"<label{attributes({'for': field.id_for_label})}>{escaped(field.label)}</label>"
    errors = _field_errors(field) if field.errors else ""
    return f'<div class="field">{label} {field}{errors}</div>'


def _field_errors(field: BoundField) -> SafeString:
    return render_to_string("components/field_errors.html", {"field": field})


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


@register.simple_block_tag(takes_context=True)
def ask(
    context: template.Context, content: str, which: str, key: object = "", **attributes: Any
) -> str:
    """A button and the dialog that it opens before what cannot be taken back is done.

    The body says what follows, and for whom; it may hold fields. The dialog opens without any
    script. ``key`` tells it from those of other rows; ``components/ask.html`` names the attributes.
    """
    values = {
        "id": "-".join(filter(None, ("ask", which, str(key)))),
        "content": content,
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("components/ask.html", values | attributes)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key, "")
