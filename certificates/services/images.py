"""Signatures and seals: baked at upload into what every document can carry as it is.

An image with transparency would be decoded and packed anew in every document, and two opaque
ones would hide each other: so both become one opaque JPEG of bounded size, once.
"""

import hashlib
import io
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from certificates.errors import CertificateError
from certificates.models import BakedImage, IssuingBody, Signer

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_UPLOAD = 5_000_000
MOST_PIXELS = 25_000_000
LARGEST_BAKED = 14_000
_BOX = (560, 240)
_QUALITIES = (88, 80, 70, 60, 50, 40)


@deed("signature_image_set")
def set_signature(*, by: Actor, signer: Signer, content: bytes) -> Signer:
    """Bake a signer's signature. Errors: ``not_an_image``, ``image_too_large``."""
    signer.signature = bake(content)
    _compose(signer)
    note(signer=signer.pk, image=signer.signature.sha256)
    return signer


@deed("seal_image_set")
def set_seal(*, by: Actor, body: IssuingBody, content: bytes) -> IssuingBody:
    """Bake an issuing body's seal, and put it beneath its signers' signatures."""
    body.seal = bake(content)
    body.save(update_fields=["seal"])
    for signer in body.signers.select_related("signature"):
        signer.body = body
        _compose(signer)
    note(body=body.pk, image=body.seal.sha256)
    return body


def bake(content: bytes) -> BakedImage:
    """The picture on white as a JPEG of at most 14 KB, kept under its hash."""
    picture = _opened(content)
    picture.thumbnail(_BOX)
    return _kept(picture)


def _compose(signer: Signer) -> None:
    """Signature and seal as one picture: the seal lies over the signature's left third."""
    signer.sealed_signature = None
    if signer.signature and signer.body.seal:
        signer.sealed_signature = _kept(_joined(signer.signature, signer.body.seal))
    signer.save(update_fields=["signature", "sealed_signature"])


def _joined(signature: BakedImage, seal: BakedImage) -> "Image":
    from PIL import Image, ImageChops

    hand, stamp = (_opened(bytes(one.content)) for one in (signature, seal))
    left = max(0, stamp.width - hand.width // 3)
    width = max(stamp.width, left + hand.width)
    height = max(stamp.height, hand.height)
    layers = []
    for picture, x in ((hand, left), (stamp, 0)):
        layer = Image.new("RGB", (width, height), "white")
        layer.paste(picture, (x, (height - picture.height) // 2))
        layers.append(layer)
    joined = ImageChops.multiply(*layers)
    joined.thumbnail(_BOX)
    return joined


def _opened(content: bytes) -> "Image":
    from PIL import Image, UnidentifiedImageError

    if len(content) > LARGEST_UPLOAD:
        message = _("The picture has more than %(limit)d MB.") % {"limit": LARGEST_UPLOAD // 10**6}
        raise CertificateError("image_too_large", message)
    try:
        opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if opened.width * opened.height > MOST_PIXELS:
            message = _("The picture has more than %(limit)d million dots.")
            raise CertificateError("image_too_large", message % {"limit": MOST_PIXELS // 10**6})
        picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise CertificateError("not_an_image", _("This is no PNG or JPEG picture.")) from None
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture).convert("RGB")


def _kept(picture: "Image") -> BakedImage:
    content = b""
    for quality in _QUALITIES:
        output = io.BytesIO()
        picture.save(output, "JPEG", quality=quality, optimize=True, dpi=(300, 300))
        content = output.getvalue()
        if len(content) <= LARGEST_BAKED:
            break
    else:
        message = _("The picture is too rich in detail: use a clean scan on white.")
        raise CertificateError("image_too_large", message)
    sha256 = hashlib.sha256(content).hexdigest()
    image, _created = BakedImage.objects.get_or_create(
        sha256=sha256,
        defaults={"content": content, "width": picture.width, "height": picture.height},
    )
    return image
