"""Signatures and seals: converted at upload to small opaque JPEGs that documents embed unchanged.

A transparent image would be decoded and packed again in every document, and two opaque ones would
hide each other: so signature and seal are joined in one picture, once. Pictures are parsed before
the transaction that stores them: on SQLite an open transaction holds up all writers.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates import image_parsers
from certificates.errors import CertificateError
from certificates.models import BakedImage, IssuingBody, Signer
from common import bounded

LARGEST_UPLOAD = 5_000_000
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Pictures:
    """An uploaded picture, not stored yet, with its joins by the primary key of the other part."""

    uploaded: BakedImage
    joined: dict[int, BakedImage] = field(default_factory=dict)


def read_signature(body: IssuingBody, content: bytes) -> Pictures:
    """Errors: ``not_an_image``, ``image_too_large``; BoundedError."""
    signature = _baked(content)
    return Pictures(signature, {body.seal.pk: _join(signature, body.seal)} if body.seal else {})


def read_seal(body: IssuingBody, content: bytes) -> Pictures:
    """Errors: ``not_an_image``, ``image_too_large``; BoundedError."""
    seal = _baked(content)
    signatures = BakedImage.objects.filter(
        pk__in=Signer.objects.filter(body_id=body.pk).values("signature")
    )
    return Pictures(seal, {one.pk: _join(one, seal) for one in signatures})


@audited("signature_image_set")
def store_signature(*, by: Actor, signer: Signer, pictures: Pictures) -> Signer:
    signer.signature = _stored(pictures.uploaded)
    _compose(signer, pictures, signer.body.seal)
    audit_details(signer=signer.pk, image=signer.signature.sha256)
    return signer


@audited("seal_image_set")
def store_seal(*, by: Actor, body: IssuingBody, pictures: Pictures) -> IssuingBody:
    body.seal = _stored(pictures.uploaded)
    body.save(update_fields=["seal"])
    for signer in body.signers.select_related("signature"):
        signer.body = body
        _compose(signer, pictures, signer.signature)
    audit_details(body=body.pk, image=body.seal.sha256)
    return body


def _compose(signer: Signer, pictures: Pictures, other: BakedImage | None) -> None:
    """Set what is printed above the signer's name; ``other`` is the part not uploaded now."""
    signer.sealed_signature = None
    if signer.signature and signer.body.seal and other:
        # Missing only where somebody replaced the other part since the pictures were read.
        joined = pictures.joined.get(other.pk) or _join(signer.signature, signer.body.seal)
        signer.sealed_signature = _stored(joined)
    signer.save(update_fields=["signature", "sealed_signature"])


def _baked(content: bytes) -> BakedImage:
    if len(content) > LARGEST_UPLOAD:
        message = _("The image is larger than %(limit)d MB.") % {"limit": LARGEST_UPLOAD // 10**6}
        raise CertificateError("image_too_large", message)
    return _unsaved(bounded.run(image_parsers.bake, content))


def _join(signature: BakedImage, seal: BakedImage) -> BakedImage:
    return _unsaved(bounded.run(image_parsers.join, bytes(signature.content), bytes(seal.content)))


def _unsaved(baked: Mapping[str, Any]) -> BakedImage:
    content, width, height = (baked[name] for name in ("content", "width", "height"))
    # What the parser gives back is checked: it ran on a file that may have taken it over.
    if not content.startswith(_JPEG) or len(content) > image_parsers.LARGEST_BAKED:
        raise CertificateError("not_an_image", _("This is not a PNG or JPEG image."))
    sha256 = hashlib.sha256(content).hexdigest()
    return BakedImage(sha256=sha256, content=content, width=width, height=height)


def _stored(image: BakedImage) -> BakedImage:
    values = {"content": image.content, "width": image.width, "height": image.height}
    return BakedImage.objects.get_or_create(sha256=image.sha256, defaults=values)[0]
