"""What comes back from other machines, bounded in time and size."""

import socket
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests


class AnswerTooLargeError(Exception):
    """More came than any honest answer holds."""


class NoAnswerError(Exception):
    """Says why in words that name no machine."""


def bounded_content(response: "requests.Response", *, most: int, seconds: float) -> bytes:
    """The body of a streamed answer.

    Raises AnswerTooLargeError, TimeoutError, and what requests and urllib3 raise.
    """
    content, until = bytearray(), time.monotonic() + seconds
    # Whatever has come so far, not a full block: otherwise a slow trickle is never looked at.
    while part := response.raw.read1(65_536):
        content += part
        if len(content) > most:
            raise AnswerTooLargeError
        if time.monotonic() > until:
            raise TimeoutError
    return bytes(content)


def asked(
    url: str,
    body: bytes | None = None,
    *,
    headers: Mapping[str, str],
    timeout: tuple[float, float],
    most: int,
    seconds: float,
    public_only: bool = False,
) -> tuple[str, bytes]:
    """Type and content of the answer to a POST, or a GET without a body. Raises NoAnswerError.

    ``timeout`` is for connecting and for each reading, ``seconds`` for all of it. No redirect is
    followed: it could lead into the inner network. ``public_only`` is for addresses that strangers
    give.
    """
    import requests
    from urllib3.exceptions import HTTPError

    method = "GET" if body is None else "POST"
    headers = {**headers, "Accept-Encoding": "identity"}
    try:
        if public_only:
            url, host = _pinned(url)
            headers["Host"] = host
        with requests.request(
            method, url, data=body, headers=headers, timeout=timeout, stream=True,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            if answer.status_code != 200:
                raise NoAnswerError(f"status {answer.status_code}")
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return kind, bounded_content(answer, most=most, seconds=seconds)
    except AnswerTooLargeError:
        raise NoAnswerError("the answer is too large") from None
    except (OSError, HTTPError, ValueError) as error:
        raise NoAnswerError(f"no answer: {type(error).__name__}") from None


def _pinned(url: str) -> tuple[str, str]:
    """The address with the number of a public machine in place of its name, and the name.

    Asked once: a name that means another machine a moment later leads nowhere else. With https the
    name stays, since an inner machine has no certificate for it. Raises NoAnswerError, OSError and
    ValueError.
    """
    parts = urlsplit(url)
    found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    numbers = [ip_address(one[4][0]) for one in found]
    if not all(number.is_global for number in numbers):
        raise NoAnswerError("the address is not public")
    if parts.scheme == "https":
        return url, parts.netloc
    number = f"[{numbers[0]}]" if numbers[0].version == 6 else str(numbers[0])
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=number + port).geturl(), parts.netloc
