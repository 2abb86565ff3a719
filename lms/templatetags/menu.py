"""The main menu as a tag: templates/base.html stands in every page."""

from typing import Any

from django import template

from lms.menu import entries_for

register = template.Library()


@register.inclusion_tag("components/menu.html", takes_context=True)
def main_menu(context: template.Context) -> dict[str, Any]:
    # Empty where there is no request (error pages, PDF).
    request = context.get("request")
    entries = entries_for(request) if request and hasattr(request, "user") else []
    return {"entries": entries, "request": request, "user": getattr(request, "user", None)}
