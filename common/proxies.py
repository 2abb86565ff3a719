"""The visitor's address behind a reverse proxy."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

_PASSED_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class ProxyMiddleware(MiddlewareMixin):
    """Believes ``X-Forwarded-…`` of the proxies named in TRUSTED_PROXIES and of nobody else.

    REMOTE_ADDR becomes the last address that no trusted proxy added; what a visitor sends by
    themselves is dropped before anything reads it. An empty address is a Unix socket's.
    """

    def process_request(self, request: HttpRequest) -> None:
        sender = str(request.META.get("REMOTE_ADDR", ""))
        trusted = {*settings.TRUSTED_PROXIES, ""}
        if sender not in trusted:
            for name in _PASSED_ON:
                request.META.pop(name, None)
        else:
            chain = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
            visitors = [address.strip() for address in chain if address.strip() not in trusted]
            request.META["REMOTE_ADDR"] = visitors[-1][:45] if visitors else sender
