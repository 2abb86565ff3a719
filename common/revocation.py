"""Proof that certificates were not revoked: answers by OCSP, or lists (CRLs), checked by pyHanko.

The addresses stand in the certificates of our own key and of the time-stamping authority, and in
settings; those that a token brings lead to public machines alone. Each machine is another's: what
it says is bounded in time and size, and is kept only if it holds together with the certificates.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from common.event_loops import outside_event_loop
from common.outgoing import NoAnswerError, asked

CONNECT_SECONDS, READ_SECONDS, CALL_SECONDS = 3, 5, 20
# A certificate may name any number of addresses; a job that is silent for a minute is taken over.
ALL_SECONDS = 30
# A list goes into every file.
LARGEST_ANSWER, LARGEST_LIST = 64 * 1024, 256 * 1024
TRIES = 2
_QUERY, _REPLY = "application/ocsp-request", "application/ocsp-response"
logger = logging.getLogger(__name__)

# Certificates (asn1crypto) from a signer's to that of the highest authority that is known.
Chain = Sequence[Any]


class RevocationError(Exception):
    """``is_revoked``: a certificate was revoked; else nothing sufficient could be had."""

    def __init__(self, reason: str, *, is_revoked: bool = False) -> None:
        super().__init__(reason)
        self.is_revoked = is_revoked


@dataclass(frozen=True, slots=True)
class RevocationData:
    certificates: list[Any]
    answers: list[Any]
    lists: list[Any]


def chain_of(signer: Any, others: Iterable[Any]) -> list[Any]:
    known, chain = list(others), [signer]
    while chain[-1].issuer != chain[-1].subject:
        above = [one for one in known if one.subject == chain[-1].issuer and one not in chain]
        if not above:
            break
        chain.append(above[0])
    return chain


def places_of(chain: Chain) -> set[str]:
    """The machines, with their ports, that say whether the certificates of a chain hold."""
    return {urlsplit(url).netloc for one in chain for url in (*one.ocsp_urls, *_list_urls(one))}


def revocation_data(
    chains: Sequence[Chain], list_urls: Sequence[str], trusted: Collection[str] = ()
) -> RevocationData | None:
    """What proves all chains; None where a certificate names no address and settings none either.

    Machines that are neither public nor in ``trusted`` (``places_of``) are not asked.

    Raises RevocationError.
    """
    pairs = [pair for chain in chains for pair in pairwise(chain)]
    asked_for = {one.dump(): (one, above) for one, above in pairs}.values()
    if not pairs or not (list_urls or all(_names_addresses(one) for one, _above in asked_for)):
        return None
    answers: list[Any] = []
    lists = [_list(url, [urlsplit(url).netloc]) for url in list_urls]
    until = time.monotonic() + ALL_SECONDS
    for certificate, above in asked_for:
        found = next(_found(certificate, above, until, trusted), None)
        if found is None and not lists:
            raise RevocationError("no answer and no list")
        kept = lists if found and found[0] == "list" else answers
        kept += [found[1]] if found else []
    outside_event_loop(lambda: asyncio.run(_require(chains, answers, lists)))
    certificates = {one.dump(): one for chain in chains for one in chain}
    return RevocationData(list(certificates.values()), answers, lists)


def _names_addresses(certificate: Any) -> bool:
    return bool(certificate.ocsp_urls or _list_urls(certificate))


def _list_urls(certificate: Any) -> list[str]:
    found = [point.url for point in certificate.crl_distribution_points]
    return [url for url in found if url and url.startswith(("http://", "https://"))]


def _found(
    certificate: Any, above: Any, until: float, trusted: Collection[str]
) -> Iterator[tuple[str, Any]]:
    # Answers first: they are small, and of this minute.
    answers = [partial(_answer, url, certificate, above) for url in certificate.ocsp_urls]
    ways = [("answer", partial(one, trusted)) for one in answers]
    ways += [("list", partial(_list, url, trusted)) for url in _list_urls(certificate)]
    for kind, ask in ways * TRIES:
        if time.monotonic() > until:
            logger.warning("revocation: those who were asked took too long")
            return
        try:
            yield kind, ask()
        except RevocationError as error:
            logger.warning("revocation: no %s: %s", kind, error)


def _answer(url: str, certificate: Any, above: Any, trusted: Collection[str]) -> Any:
    from pyhanko_certvalidator import errors
    from pyhanko_certvalidator.authority import AuthorityWithCert
    from pyhanko_certvalidator.fetchers import common_utils

    query = common_utils.format_ocsp_request(
        certificate, AuthorityWithCert(above), certid_hash_algo="sha1", request_nonces=True
    )
    headers = {"Content-Type": _QUERY, "Accept": _REPLY}
    content = _content(url, query.dump(), headers, LARGEST_ANSWER, trusted)
    try:
        return common_utils.process_ocsp_response_data(
            content, ocsp_request=query, ocsp_url="the address in the certificate"
        )
    except (errors.OCSPFetchError, errors.OCSPValidationError, ValueError, TypeError) as error:
        raise RevocationError(str(error)[:200]) from None


def _list(url: str, trusted: Collection[str]) -> Any:
    from asn1crypto import crl, pem

    content = _content(url, None, {"Accept": "application/pkix-crl, */*"}, LARGEST_LIST, trusted)
    try:
        found = crl.CertificateList.load(
            pem.unarmor(content)[2] if pem.detect(content) else content, strict=True
        )
        found.issuer.dump()  # parsed only here
    except (ValueError, TypeError) as error:
        raise RevocationError(f"no list of revoked certificates: {type(error).__name__}") from None
    return found


def _content(
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    most: int,
    trusted: Collection[str],
) -> bytes:
    try:
        _kind, content = asked(
            url, body, headers=headers, timeout=(CONNECT_SECONDS, READ_SECONDS), most=most,
            seconds=CALL_SECONDS, public_only=urlsplit(url).netloc not in trusted,
        )  # fmt: skip
    except (NoAnswerError, ValueError) as error:
        raise RevocationError(str(error)) from None
    return content


async def _require(chains: Sequence[Chain], answers: list[Any], lists: list[Any]) -> None:
    """Raises RevocationError, unless every certificate is proved good now."""
    from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors

    for chain in chains:
        context = ValidationContext(
            trust_roots=[chain[-1]],
            other_certs=chain[1:],
            allow_fetching=False,
            ocsps=answers,
            crls=lists,
            revocation_mode="hard-fail",
        )
        try:
            await CertificateValidator(chain[0], validation_context=context).async_validate_path()
        except errors.RevokedError as error:
            raise RevocationError(str(error)[:200], is_revoked=True) from None
        except (errors.PathError, errors.ValidationError) as error:
            raise RevocationError(str(error)[:200]) from None
