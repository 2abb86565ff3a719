from typing import Any

from django.utils.translation import gettext as _


def settled_tabs(settled: bool) -> dict[str, Any]:
    """The context of a list of what waits or, with ``?settled``, of what was resolved."""
    return {
        "settled": settled,
        "query": "settled&" if settled else "",
        "tabs": [
            {"label": _("Waiting"), "href": "?", "is_current": not settled},
            {"label": _("Resolved"), "href": "?settled", "is_current": settled},
        ],
    }
