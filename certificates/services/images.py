"""Signatures and seals: baked at upload into what every document can carry as it is.

An image with transparency would be decoded and packed anew in every document, and two opaque
ones would hide each other: so both become one opaque JPEG of bounded size, once.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates import image_parsers
from certificates.errors import CertificateError
from certificates.models import BakedImage, IssuingBody, Signer
from common import bounded

LARGEST_UPLOAD = 5_000_000
_JPEG = b"\xff\xd8\xff"


@audited("signature_image_set")
def set_signature(*, by: Actor, signer: Signer, content: bytes) -> Signer:
    """Bake a signer's signature. Errors: ``not_an_image``, ``image_too_large``."""
    signer.signature = bake(content)
    _compose(signer)
    audit_details(signer=signer.pk, image=signer.signature.sha256)
    return signer


@audited("seal_image_set")
def set_seal(*, by: Actor, body: IssuingBody, content: bytes) -> IssuingBody:
    """Bake an issuing body's seal, and put it beneath its signers' signatures."""
    body.seal = bake(content)
    body.save(update_fields=["seal"])
    for signer in body.signers.select_related("signature"):
        signer.body = body
        _compose(signer)
    audit_details(body=body.pk, image=body.seal.sha256)
    return body


def bake(content: bytes) -> BakedImage:
    """The picture on white as a JPEG of at most 14 KB, kept under its hash."""
    if len(content) > LARGEST_UPLOAD:
        message = _("The image is larger than %(limit)d MB.") % {"limit": LARGEST_UPLOAD // 10**6}
        raise CertificateError("image_too_large", message)
    return _stored(bounded.run(image_parsers.bake, content))


def _compose(signer: Signer) -> None:
    """Signature and seal as one picture: the seal lies over the signature's left third."""
    signer.sealed_signature = None
    if signer.signature and signer.body.seal:
        hand, stamp = (bytes(one.content) for one in (signer.signature, signer.body.seal))
        signer.sealed_signature = _stored(bounded.run(image_parsers.join, hand, stamp))
    signer.save(update_fields=["signature", "sealed_signature"])


def _stored(baked: Mapping[str, Any]) -> BakedImage:
    """The row of a picture that was baked, by its hash."""
    content, width, height = (baked[name] for name in ("content", "width", "height"))
    if not content.startswith(_JPEG) or len(content) > image_parsers.LARGEST_BAKED:
        raise CertificateError("not_an_image", _("This is not a PNG or JPEG image."))
    image, _created = BakedImage.objects.get_or_create(
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={"content": content, "width": width, "height": height},
    )
    return image
