"""Keys of single letters can be switched off, per browser."""

from django.http import HttpRequest

COOKIE, OFF = "shortcuts", "off"


def uses_shortcuts(request: HttpRequest) -> bool:
    return request.COOKIES.get(COOKIE) != OFF
