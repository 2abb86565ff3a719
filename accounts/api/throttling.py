"""How often one address and one user may call the API."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.limits import API_CALLS_OF_A_USER, API_CALLS_OF_AN_ADDRESS
from common.throttle import Limit, Usage


class LimitThrottle(BaseThrottle):
    """Counts by a ``Limit`` and leaves what is left of it on the view."""

    limit: ClassVar[Limit]

    def target(self, request: Request) -> tuple[Any, ...]:
        return ()

    def allow_request(self, request: Request, view: Any) -> bool:
        self.usage = self.limit.use(request._request, *self.target(request))
        view.usage = self.usage
        return self.usage.is_allowed

    def wait(self) -> int:
        return self.usage.reset


class AddressThrottle(LimitThrottle):
    """Counts before anybody is recognised, so that tokens cannot be guessed at will."""

    limit = API_CALLS_OF_AN_ADDRESS


class UserThrottle(LimitThrottle):
    limit = API_CALLS_OF_A_USER

    def target(self, request: Request) -> tuple[Any, ...]:
        return (request.user.pk,)

    def allow_request(self, request: Request, view: Any) -> bool:
        return not request.user.is_authenticated or super().allow_request(request, view)


def rate_limit_headers(usage: Usage | None) -> dict[str, str]:
    if usage is None:
        return {}
    return {
        "RateLimit-Limit": str(usage.limit),
        "RateLimit-Remaining": str(usage.remaining),
        "RateLimit-Reset": str(usage.reset),
    }
