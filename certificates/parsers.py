"""What a PDF that claims to be a certificate holds, read within the boundary (``common.bounded``).

pyHanko visits nested form fields 2^depth times, and a damaged file raises anything in any parser:
nothing here may be called but through ``bounded.run``, which ``certificates.file_contents`` does.
"""

import hashlib
import io
import re
from typing import Any, Final

from common.bounded import MB, Lane, Limits, parser, unless_damaged
from common.pdf_text import read_pdf_text

# A certificate has about 100 KB; what is much larger is not parsed for signatures.
LARGEST_PARSED: Final = 3_000_000
_END = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
# A credential has about 3 KB.
LARGEST_CREDENTIAL: Final = 64_000
_MOST_ATTACHMENTS: Final = 20
_LONGEST_NAME: Final = 300

# What a stranger sends is read within eight seconds, waiting included, or not at all: the page
# around it has two more.
OF_STRANGERS: Final = Limits(
    cpu=4, wall=5.5, wait=2.5, memory=96 * MB, output=4 * MB, files=21 * MB, lane=Lane.PUBLIC
)
_LIBRARIES: Final = ("pikepdf", "pyhanko.pdf_utils.reader", "pyhanko.sign.validation")


@parser(OF_STRANGERS, preload=_LIBRARIES)
def read_certificate(pdf: bytes, credential_name: str) -> dict[str, Any]:
    """Keywords and text (None where unreadable), attached credential, signatures."""
    small = len(pdf) <= LARGEST_PARSED
    return {
        "words": read_pdf_text(pdf),
        "credential": _attachment(pdf, credential_name) if small else None,
        "signatures": _signatures(pdf) if small else [],
    }


@unless_damaged(list[dict[str, Any]])
def _signatures(pdf: bytes) -> list[dict[str, Any]]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    if b"/ByteRange" not in pdf:
        return []
    found = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures
    return [_signature(one) for one in found]


def _broken() -> dict[str, Any]:
    return {"intact": False, "whole": False, "signer": "", "fingerprint": "", "signed_at": None}


@unless_damaged(_broken)
def _signature(signature: Any) -> dict[str, Any]:
    certificate = signature.signer_cert
    signed_at = signature.self_reported_timestamp
    intact, whole = _integrity(signature, certificate, signed_at)
    return {
        "intact": intact,
        "whole": whole,
        "signer": certificate.subject.human_friendly[:_LONGEST_NAME],
        "fingerprint": hashlib.sha256(certificate.dump()).hexdigest(),
        "signed_at": signed_at,
    }


def _integrity(signature: Any, certificate: Any, signed_at: Any) -> tuple[bool, bool]:
    """Whether it is intact, and whether it covers the whole file."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    # Integrity alone is asked here, so the signer's own certificate is root enough.
    context = ValidationContext(
        trust_roots=[certificate],
        allow_fetching=False,
        moment=signed_at,
        best_signature_time=signed_at,
    )
    try:
        status = validate_pdf_signature(signature, signer_validation_context=context)
    except SignatureValidationError:
        return False, False
    # Behind it may stand what proves that nothing was revoked (PAdES B-LT), and nothing else.
    is_proof = (
        status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
        and status.modification_level == ModificationLevel.LTA_UPDATES
        and bool(_END.search(signature.reader.stream.getvalue()))
    )
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE or is_proof
    return bool(status.intact and status.valid), whole


def _nothing() -> bytes | None:
    return None


@unless_damaged(_nothing)
def _attachment(pdf: bytes, name: str) -> bytes | None:
    # The attached file of this name, or the first one that says it is JSON.
    import pikepdf

    if b"/EmbeddedFile" not in pdf and b"/ObjStm" not in pdf:
        return None
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = list(opened.attachments.items())[:_MOST_ATTACHMENTS]
        ranked = sorted(found, key=lambda one: one[0] != name)
        contents = (spec.get_file().read_bytes() for _name, spec in ranked)
        fitting = (one for one in contents if one[:1] == b"{" and len(one) <= LARGEST_CREDENTIAL)
        return next(fitting, None)
