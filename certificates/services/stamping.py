"""Time stamps for many signed documents, asked for side by side, by jobs and commands alone."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

from django.conf import settings

from certificates.errors import CertificateError
from certificates.long_term import chains_of, with_proof
from certificates.models import Certificate
from certificates.services.documents import BuiltDocument, DocumentError
from certificates.stamping import digest_to_stamp, stamped
from common.deferred_messages import DeferredMessage as _
from common.revocation import RevocationError, places_of, revocation_data
from common.time_stamps import TimeStampError, request_tokens

# So many are asked for, stored, and only then the next ones signed.
AT_ONCE = 24
logger = logging.getLogger(__name__)

Built = tuple[Certificate, BuiltDocument | DocumentError]


def with_time_stamps(built: Iterable[Built]) -> Iterator[Built]:
    """The same documents, each signature with its token where an authority is set.

    Errors: ``no_time_stamp``, after those that have one: the others are as if never made; those
    of the long-term form.
    """
    if not settings.TSA_URL:
        yield from built
        return
    documents = iter(built)
    while group := list(islice(documents, AT_ONCE)):
        yield from _stamped(group)


def _stamped(group: list[Built]) -> Iterator[Built]:
    signed = [
        one for _certificate, one in group if isinstance(one, BuiltDocument) and one.signed_at
    ]
    digests = [digest_to_stamp(one.content) for one in signed]
    tokens = request_tokens(settings.TSA_URL, digests)
    pairs = list(zip(signed, tokens, strict=True))
    contents = [stamped(one.content, token) for one, token in pairs if isinstance(token, bytes)]
    ready = iter(_with_proof(contents) if settings.LONG_TERM_SIGNATURES else contents)
    answers = {one.id: next(ready) if isinstance(token, bytes) else token for one, token in pairs}
    for certificate, one in group:
        content = answers.get(one.id) if isinstance(one, BuiltDocument) else None
        if isinstance(content, bytes) and isinstance(one, BuiltDocument):
            yield certificate, replace(one, content=content)
        elif content is None:
            yield certificate, one
    errors = [token for token in tokens if isinstance(token, TimeStampError)]
    if errors:
        logger.warning("no time stamp for %d of %d: %s", len(errors), len(signed), errors[0])
        raise _no_time_stamp()


def _with_proof(contents: list[bytes]) -> list[bytes]:
    """Errors: ``no_revocation_data``, ``signer_revoked``, ``no_time_stamp`` where a token cannot be
    read; then the files are as if never made.
    """
    try:
        signers = [chains_of(content) for content in contents]
        if any(len(of_signer) < 2 for of_signer, *_of_stamps in signers):
            return contents  # nobody else says whether a certificate of one's own holds
        chains = {one[0].dump(): one for of_file in signers for one in of_file}
        # Whoever added our key vouches for the addresses in its certificates.
        trusted = {place for of_signer, *_of_stamps in signers for place in places_of(of_signer)}
        trusted.add(urlsplit(settings.TSA_URL).netloc)
        data = revocation_data(list(chains.values()), settings.LONG_TERM_CRLS, trusted)
    except RevocationError as error:
        logger.warning("no long-term signature: %s", error)
        raise _refusal(error) from None
    except (ValueError, TypeError, LookupError) as error:
        logger.warning("no long-term signature: odd certificates: %s", error)
        raise _no_time_stamp() from None
    return [with_proof(content, data) for content in contents] if data else contents


def _no_time_stamp() -> CertificateError:
    message = _(
        "The time-stamping authority did not issue a time stamp. Try again "
        "later; the reason is in the server's log."
    )
    return CertificateError("no_time_stamp", message)


def _refusal(error: RevocationError) -> CertificateError:
    if error.is_revoked:
        message = _(
            "The signing certificate, or that of the time-stamping authority, has been revoked: "
            "add another key."
        )
        return CertificateError("signer_revoked", message)
    message = _(
        "Whether the signing certificate has been revoked could not be asked (OCSP, CRL). Try "
        "again later; the reason is in the server's log."
    )
    return CertificateError("no_revocation_data", message)
