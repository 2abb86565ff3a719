"""What the pages around sign-in show of a session."""

import re

from django import template
from django.utils.translation import gettext as _

from common import formats

register = template.Library()
register.filter("instant", formats.instant)

# In this order: each names itself and those before it, too.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


@register.filter
def browser(user_agent: str) -> str:
    name = next((plain for mark, plain in _BROWSERS if f"{mark}/" in user_agent), "")
    if not name and re.search(r"Version/\S+ .*Safari/", user_agent):
        name = "Safari"
    system = next((system for system in _SYSTEMS if system in user_agent), "")
    return ", ".join(filter(None, (name, system))) or _("Unknown browser")
