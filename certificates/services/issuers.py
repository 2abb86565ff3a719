"""Those in whose name certificates are issued: bodies and signers, each for a term.

What a certificate prints is frozen in it. All the same the words of a body or signer that has
issued stay: who signs under another title, or a ministry under another name, is a new entry.
"""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited_action
from certificates.errors import CertificateError
from certificates.models import Certificate, IssuingBody, Signer
from certificates.services.images import (
    read_seal,
    read_signature,
    store_seal,
    store_signature,
)

_BODY_WORDS = ("name", "parent_name")
_SIGNER_WORDS = ("name", "title", "authority")


def save_body(
    *, by: Actor, body: IssuingBody, values: dict[str, Any], seal: bytes | None = None
) -> IssuingBody:
    """Enter or change a body: ``name``, ``parent_name``, ``place``, ``valid_from``, ``valid_to``.

    Errors: ``no_name``, ``term_reversed``, ``has_issued``; those of ``images.read_seal``.
    """
    pictures = read_seal(body, seal) if seal else None  # parses a file: before the transaction
    with audited_action("issuing_body_saved", by=by):
        has_issued = bool(body.pk) and Certificate.objects.filter(signer__body=body).exists()
        _change(body, values, _BODY_WORDS, frozen=has_issued)
        body.save()
        if pictures:
            store_seal(by=by, body=body, pictures=pictures)
        audit_details(body=body.pk, name=body.name)
    return body


def save_signer(
    *, by: Actor, signer: Signer, values: dict[str, Any], signature: bytes | None = None
) -> Signer:
    """Enter or change a signer: ``name``, ``title``, ``authority``, ``valid_from``, ``valid_to``.

    Errors: as for ``save_body``.
    """
    pictures = read_signature(signer.body, signature) if signature else None
    with audited_action("signer_saved", by=by):
        has_issued = bool(signer.pk) and signer.certificates.exists()
        named = signer.name
        _change(signer, values, _SIGNER_WORDS, frozen=has_issued)
        signer.is_sample = signer.is_sample and signer.name == named
        signer.save()
        if pictures:
            store_signature(by=by, signer=signer, pictures=pictures)
        audit_details(signer=signer.pk, name=signer.name)
    return signer


def _change(
    issuer: IssuingBody | Signer, values: dict[str, Any], words: tuple[str, ...], *, frozen: bool
) -> None:
    if not values["name"].strip():
        raise CertificateError("no_name", _("The signer or the issuing body has no name."))
    _require_term(values["valid_from"], values["valid_to"])
    if frozen and any(values[word] != getattr(issuer, word) for word in words):
        message = _(
            "Certificates have been issued with these details, so they cannot be "
            "changed: end the term of %(name)s and add a new one."
        )
        raise CertificateError("has_issued", message % {"name": issuer.name})
    for name, value in values.items():
        setattr(issuer, name, value)


def _require_term(first: dt.date | None, last: dt.date | None) -> None:
    if first and last and last < first:
        raise CertificateError("term_reversed", _("The last day is before the first day."))
