"""Designs that somebody has written, laid out within the boundary (``common.bounded``).

A few nested boxes keep a layout engine busy for ever, and a template may loop. A design that has
been laid out here once, with the longest and the shortest data, is used without the boundary.
"""

import subprocess
from dataclasses import dataclass
from typing import Any, Final

from certificates.errors import CertificateError
from certificates.pdf import CertificateFields, prepare
from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _
from common.fonts import FontError
from common.pdf import PdfError
from common.sandboxed_templates import TemplateError

DOTS_PER_INCH: Final = "72"
# The longest of our own designs takes about 100 MB.
_LIMITS: Final = Limits(
    cpu=9, wall=10.0, wait=4.0, memory=240 * MB, output=24 * MB, files=32 * MB, folder=True
)
_ERRORS: Final = (CertificateError, TemplateError, FontError, PdfError)


@dataclass(frozen=True, slots=True)
class _Source:
    html: str
    css: str


@parser(_LIMITS, errors=_ERRORS, preload=("weasyprint", "PIL.Image", "segno"))
def render_samples(
    html: str, css: str, pictures: dict[str, bytes], samples: list[dict[str, Any]], as_png: bool
) -> list[bytes]:
    """Each sample's data in the design, as PDF or as a picture.

    Errors: ``design_invalid``, ``blocked_resource``, ``does_not_fit``, ``font_missing``,
    ``missing_glyphs``.
    """
    renderer = prepare(_Source(html, css), pictures)
    files = [renderer.render(CertificateFields.from_json(sample)) for sample in samples]
    return [_picture(file) for file in files] if as_png else files


def _picture(pdf: bytes) -> bytes:
    done = subprocess.run(
        ["pdftoppm", "-png", "-r", DOTS_PER_INCH, "-singlefile", "-"],
        input=pdf,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        message = _("The design cannot be rendered: its page is too large or too complex.")
        raise CertificateError("design_invalid", message)
    return done.stdout
