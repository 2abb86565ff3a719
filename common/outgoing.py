"""What comes back from other machines, bounded in time and size."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


class AnswerTooLargeError(Exception):
    """More came than any honest answer holds."""


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
