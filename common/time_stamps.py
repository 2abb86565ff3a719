"""A client of a time-stamping authority (RFC 3161). Its address comes from settings alone.

The authority is another's machine: its answer is bounded in time and size, no redirect is followed,
and what went wrong is for the log, since it may name machines of the inner network.
"""

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from common import clock
from common.event_loops import outside_event_loop
from common.outgoing import NoAnswerError, asked

SIDE_BY_SIDE = 8
MOST_APART = dt.timedelta(minutes=10)
CONNECT_SECONDS, READ_SECONDS, CALL_SECONDS = 3, 5, 10
LARGEST_ANSWER = 256 * 1024
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
logger = logging.getLogger(__name__)


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
    headers = {"Content-Type": _QUERY, "Accept": _REPLY}
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    try:
        kind, content = asked(
            url, query, headers=headers, timeout=timeout, most=LARGEST_ANSWER, seconds=CALL_SECONDS
        )
    except NoAnswerError as error:
        raise TimeStampError(str(error)) from None
    if kind != _REPLY:
        raise TimeStampError("the answer is no time stamp")
    return content


def request_token(url: str, digest: bytes) -> bytes:
    from pyhanko.sign.timestamps import TimestampRequestError

    try:
        stamper = time_stamper(url)
        token = outside_event_loop(lambda: asyncio.run(stamper.async_timestamp(digest, "sha256")))
        stamped = bytes(token.dump())
    # AttributeError: what pyHanko 0.38 raises for the nonce of another question.
    except (
        TimestampRequestError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        raise TimeStampError(str(error)[:250]) from error
    if not covers(stamped, digest):
        raise TimeStampError("the token covers something else")
    if not _is_sound(token):
        raise TimeStampError("the token is not signed by an authority, or tells another time")
    return stamped


def request_tokens(url: str, digests: Sequence[bytes]) -> list[bytes | TimeStampError]:
    """A token for each digest, asked for side by side; once one fails no further ones are."""
    failed: list[TimeStampError] = []

    def asked(digest: bytes) -> bytes | TimeStampError:
        if failed:
            return failed[0]
        try:
            return request_token(url, digest)
        except TimeStampError as error:
            failed.append(error)
            return error

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        return list(threads.map(asked, digests))


def _is_sound(token: Any) -> bool:
    """Whether a certificate for time stamps in the token, in its term, signed it about now."""
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        data = token["content"]
        stamp = data["encap_content_info"]["content"]
        (info,) = data["signer_infos"]
        serial = info["sid"].chosen["serial_number"].native
        certificates = [one.chosen for one in data["certificates"]]
        signer = next(one for one in certificates if one.serial_number == serial)
        uses = signer.extended_key_usage_value
        digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, bytes(stamp)).digest()
        sound = validate_sig_integrity(info, signer, "tst_info", digest)
        moment = stamp.parsed["gen_time"].native
        in_term = signer.not_valid_before <= moment <= signer.not_valid_after
    except (ValueError, TypeError, LookupError, StopIteration, SignatureValidationError):
        return False
    is_authority = bool(uses) and "time_stamping" in uses.native
    return (
        sound == (True, True)
        and is_authority
        and in_term
        and abs(moment - clock.now()) <= MOST_APART
    )


def covers(token: bytes, digest: bytes) -> bool:
    from asn1crypto.cms import ContentInfo

    try:
        content = ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
        return bytes(content["message_imprint"]["hashed_message"].native) == digest
    except (ValueError, TypeError, KeyError):
        return False
