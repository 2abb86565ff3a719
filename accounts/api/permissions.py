"""Which roles may call which method."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.access import ANYBODY, SIGNED_IN

Visitors = tuple[str, ...]


class RolePermission(BasePermission):
    """Lets the visitors of ``visitors`` in, by method; made with ``permit``."""

    visitors: ClassVar[dict[str, Visitors]] = {}

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        # A method without a handler is answered 405, but not to strangers.
        is_handled = method in view.http_method_names and hasattr(view, method)
        visitors = self.visitors.get(method, () if is_handled else (SIGNED_IN,))
        if ANYBODY in visitors:
            return True
        if not request.user.is_authenticated:
            return False
        return SIGNED_IN in visitors or request.user.has_role(*visitors)


def permit(**visitors: str | Visitors) -> type[RolePermission]:
    """A permission class: ``permit(get=SIGNED_IN, post=OFFICE)``. What is not named stays shut."""
    by_method = {
        method: (found,) if isinstance(found, str) else tuple(found)
        for method, found in visitors.items()
    }
    return type("RolePermission", (RolePermission,), {"visitors": by_method})
