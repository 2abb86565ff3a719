from typing import Any

from django import template

from lms import empty_states

register = template.Library()


@register.inclusion_tag("components/empty_state.html", takes_context=True)
def empty_list(context: template.Context, name: str) -> dict[str, Any]:
    found = empty_states.empty_list(name, context["request"].user)
    return {"title": found.title, "text": found.hint, "href": found.href, "label": found.label}
