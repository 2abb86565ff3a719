"""A client of a time-stamping authority (RFC 3161). Its address comes from settings alone."""

import asyncio
from typing import Any

TIMEOUT = 10  # seconds


class TimeStampError(Exception):
    """The authority did not answer, or with no valid token."""


def time_stamper(url: str) -> Any:
    """A client of the authority at an address, as pyHanko takes it."""
    from pyhanko.sign.timestamps import HTTPTimeStamper

    return HTTPTimeStamper(url, timeout=TIMEOUT)


def request_token(url: str, digest: bytes) -> bytes:
    """The authority's token for a SHA-256 digest, as DER.

    Raises TimeStampError.
    """
    from pyhanko.sign.timestamps import TimestampRequestError

    try:
        token = asyncio.run(time_stamper(url).async_timestamp(digest, "sha256"))
        stamped = bytes(token.dump())
    except (TimestampRequestError, OSError, ValueError, TypeError, KeyError) as error:
        raise TimeStampError(str(error)[:250]) from error
    if not covers(stamped, digest):
        raise TimeStampError("the token covers something else")
    return stamped


def covers(token: bytes, digest: bytes) -> bool:
    """Whether a token is about this digest."""
    from asn1crypto.cms import ContentInfo

    try:
        content = ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
        return bytes(content["message_imprint"]["hashed_message"].native) == digest
    except (ValueError, TypeError, KeyError):
        return False
