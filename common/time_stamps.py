"""A client of a time-stamping authority (RFC 3161). Its address comes from settings alone.

The authority is another's machine: its answer is bounded in time and size, no redirect is followed,
and what went wrong is for the log, since it may name machines of the inner network.
"""

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

from common.outgoing import AnswerTooLargeError, bounded_content

CONNECT_SECONDS, READ_SECONDS, CALL_SECONDS = 3, 5, 10
LARGEST_ANSWER = 256 * 1024
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
logger = logging.getLogger(__name__)
T = TypeVar("T")


class TimeStampError(Exception):
    pass


def time_stamper(url: str) -> Any:
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

    class Client(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            try:
                return tsp.TimeStampResp.load(await asyncio.to_thread(_posted, url, req.dump()))
            except TimeStampError as error:
                logger.warning("time stamps: %s: %s", urlsplit(url).hostname, error)
                raise TimestampRequestError(str(error)) from None

    client: Any = Client
    return client()


def _posted(url: str, query: bytes) -> bytes:
    """What the authority answers. Raises TimeStampError, which names no machine."""
    import requests
    from urllib3.exceptions import HTTPError

    headers = {"Content-Type": _QUERY, "Accept": _REPLY, "Accept-Encoding": "identity"}
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    try:
        with requests.post(
            url, query, headers=headers, timeout=timeout, stream=True, allow_redirects=False
        ) as answer:
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.status_code != 200 or kind != _REPLY:
                raise TimeStampError(f"no time stamp: status {answer.status_code}")
            return bounded_content(answer, most=LARGEST_ANSWER, seconds=CALL_SECONDS)
    except AnswerTooLargeError:
        raise TimeStampError("the answer is too large") from None
    except (OSError, HTTPError) as error:
        raise TimeStampError(f"no answer: {type(error).__name__}") from None


def request_token(url: str, digest: bytes) -> bytes:
    from pyhanko.sign.timestamps import TimestampRequestError

    try:
        token = _run(time_stamper(url).async_timestamp(digest, "sha256"))
        stamped = bytes(token.dump())
    except (TimestampRequestError, OSError, ValueError, TypeError, KeyError) as error:
        raise TimeStampError(str(error)[:250]) from error
    if not covers(stamped, digest):
        raise TimeStampError("the token covers something else")
    return stamped


def _run(call: Coroutine[Any, Any, T]) -> T:
    # In a thread of its own: where an event loop runs already there can be no second one.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, call).result()


def covers(token: bytes, digest: bytes) -> bool:
    from asn1crypto.cms import ContentInfo

    try:
        content = ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
        return bytes(content["message_imprint"]["hashed_message"].native) == digest
    except (ValueError, TypeError, KeyError):
        return False
