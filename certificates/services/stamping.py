"""Time stamps for many signed documents, asked for side by side, by jobs and commands alone."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from django.conf import settings
from django.utils.translation import gettext as _

from certificates.errors import CertificateError
from certificates.models import Certificate
from certificates.services.documents import BuiltDocument, DocumentError
from certificates.stamping import digest_to_stamp, stamped
from common.time_stamps import TimeStampError, request_tokens

# So many are asked for, stored, and only then the next ones signed.
AT_ONCE = 24
logger = logging.getLogger(__name__)

Built = tuple[Certificate, BuiltDocument | DocumentError]


def with_time_stamps(built: Iterable[Built]) -> Iterator[Built]:
    """The same documents, each signature with its token where an authority is set.

    Error: ``no_time_stamp``, after those that have one: the others are as if never made.
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
    answers = {one.id: token for one, token in zip(signed, tokens, strict=True)}
    for certificate, one in group:
        token = answers.get(one.id) if isinstance(one, BuiltDocument) else None
        if isinstance(token, bytes) and isinstance(one, BuiltDocument):
            yield certificate, replace(one, content=stamped(one.content, token))
        elif token is None:
            yield certificate, one
    errors = [token for token in answers.values() if isinstance(token, TimeStampError)]
    if errors:
        logger.warning("no time stamp for %d of %d: %s", len(errors), len(signed), errors[0])
        message = _(
            "The time-stamping authority did not issue a time stamp. Try again "
            "later; the reason is in the server's log."
        )
        raise CertificateError("no_time_stamp", message)
