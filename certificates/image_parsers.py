"""Pictures of signatures and seals, opened within the boundary (``common.bounded``).

The result is always a small opaque JPEG, encoded again from the pixels: nothing else is copied.
"""

import io
from typing import TYPE_CHECKING, Any, Final

from certificates.errors import CertificateError
from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS: Final = 25_000_000
LARGEST_BAKED: Final = 14_000
_BOX: Final = (560, 240)
# Others have palettes or color keys, which cannot be averaged.
_SCALABLE: Final = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
_QUALITIES: Final = (88, 80, 70, 60, 50, 40)
# A picture of the most pixels, with its transparency, twice (test_hostile_files.py).
_LIMITS: Final = Limits(cpu=6, wall=9.0, wait=5.0, memory=300 * MB, output=1 * MB)
_LIBRARIES: Final = ("PIL.Image", "PIL.ImageChops", "PIL.JpegImagePlugin", "PIL.PngImagePlugin")


@parser(_LIMITS, errors=(CertificateError,), preload=_LIBRARIES)
def bake(content: bytes) -> dict[str, Any]:
    """The picture on white, small, as JPEG. Errors: ``not_an_image``, ``image_too_large``."""
    return _baked(_opened(content))


@parser(_LIMITS, errors=(CertificateError,), preload=_LIBRARIES)
def join(signature: bytes, seal: bytes) -> dict[str, Any]:
    """Two baked pictures as one: the seal lies over the signature's left third."""
    from PIL import Image, ImageChops

    hand, stamp = _opened(signature), _opened(seal)
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
    return _baked(joined)


def _opened(content: bytes) -> "Image":
    from PIL import Image

    try:
        picture = _decoded(content)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except (MemoryError, CertificateError):
        raise
    except Exception:  # noqa: BLE001 - a damaged picture fails anywhere, in any way
        raise CertificateError("not_an_image", _("This is not a PNG or JPEG image.")) from None
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture).convert("RGB")


def _decoded(content: bytes) -> "Image":
    from PIL import Image, ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, once imported, wants half pictures too
    picture: Image.Image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    if picture.mode not in _SCALABLE or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    picture.thumbnail(_BOX)  # before any other copy is made; of a JPEG only what is needed is read
    return picture.convert("RGBA")


def _too_many_pixels() -> CertificateError:
    message = _(
        "The image has more than %(limit)d million pixels. Crop it to the signature or the seal, "
        "or save it smaller."
    )
    return CertificateError("image_too_large", message % {"limit": MOST_PIXELS // 10**6})


def _baked(picture: "Image") -> dict[str, Any]:
    for quality in _QUALITIES:
        output = io.BytesIO()
        picture.save(output, "JPEG", quality=quality, optimize=True, dpi=(300, 300))
        content = output.getvalue()
        if len(content) <= LARGEST_BAKED:
            return {"content": content, "width": picture.width, "height": picture.height}
    message = _("The image has too much detail: use a clean scan on a white background.")
    raise CertificateError("image_too_large", message)
