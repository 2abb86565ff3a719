"""Time stamps in signed files (PAdES B-T), put into the bytes that were left for them.

What the signature covers does not change: a token belongs to the signature's value and stands
beside it, in the part of the file that no signature covers.
"""

import hashlib
import re
from typing import Any

from certificates.errors import CertificateError
from common.deferred_messages import DeferredMessage as _

_RANGE = re.compile(rb"/ByteRange \[\s*0\s+(\d+)\s+(\d+)\s+\d+\s*\]")


def digest_to_stamp(signed: bytes) -> bytes:
    """SHA-256 of the value of the last signature of a file that we signed."""
    info = container_of(signed)["content"]["signer_infos"][0]
    return hashlib.sha256(info["signature"].native).digest()


def stamped(signed: bytes, token: bytes) -> bytes:
    """The file with a token (DER) beside its signature. Error: ``not_signable``: too large."""
    from asn1crypto import cms

    start, end = _hole(signed)
    container = container_of(signed)
    attribute = {
        "type": "signature_time_stamp_token",
        "values": [cms.ContentInfo.load(token)],
    }
    container["content"]["signer_infos"][0]["unsigned_attrs"] = [attribute]
    content = container.dump().hex().encode()
    bytes_for_stamp = end - start - 2
    if len(content) > bytes_for_stamp:
        message = _("The time stamp is too large for the file.")
        raise CertificateError("not_signable", message)
    return signed[:start] + b"<%s>" % content.ljust(bytes_for_stamp, b"0") + signed[end:]


def _hole(signed: bytes) -> tuple[int, int]:
    start, end = _RANGE.findall(signed)[-1]
    return int(start), int(end)


def container_of(signed: bytes) -> Any:
    from asn1crypto import cms

    start, end = _hole(signed)
    # The bytes behind the container is zeros, which its length leaves out.
    return cms.ContentInfo.load(bytes.fromhex(signed[start + 1 : end - 1].decode()), strict=False)
