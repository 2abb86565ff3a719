"""Designs written by users, laid out within the boundary (``common.bounded``).

A few nested boxes keep a layout engine busy for ever, and a template may loop. Samples prove
little: a design may do so for one person's data alone. So every certificate in it is laid out here.
"""

import subprocess
from dataclasses import replace
from typing import Any, Final

from certificates.compiled.compiling import Compiler
from certificates.errors import CertificateError
from certificates.pdf import Appearance, CertificateFields, CertificateRenderer
from common.bounded import MB, Lane, Limits, parser
from common.deferred_messages import DeferredMessage as _
from common.fonts import FontError
from common.pdf import Attachment, PdfError
from common.sandboxed_templates import TemplateError

DOTS_PER_INCH: Final = "72"
# The longest of our own designs takes about 100 MB.
_LIMITS: Final = Limits(
    cpu=9, wall=10.0, wait=4.0, memory=240 * MB, output=24 * MB, files=32 * MB, folder=True
)
_OF_ISSUING: Final = replace(_LIMITS, cpu=6, wall=8.0, wait=20.0, lane=Lane.JOBS)
_LIBRARIES: Final = ("weasyprint", "PIL.Image", "segno")
_ERRORS: Final = (CertificateError, TemplateError, FontError, PdfError)


@parser(_LIMITS, errors=_ERRORS, preload=_LIBRARIES)
def render_samples(
    html: str, css: str, pictures: dict[str, bytes], samples: list[dict[str, Any]], as_png: bool
) -> list[bytes]:
    """Each sample's data in the design, as PDF or as a picture.

    Errors: ``design_invalid``, ``blocked_resource``, ``does_not_fit``, ``font_missing``,
    ``missing_glyphs``.
    """
    renderer = CertificateRenderer(Appearance(html, css), pictures)
    files = [renderer.render(CertificateFields.from_json(sample)) for sample in samples]
    return [_picture(file) for file in files] if as_png else files


@parser(_OF_ISSUING, errors=_ERRORS, preload=_LIBRARIES)
def render_document(
    html: str,
    css: str,
    pictures: dict[str, bytes],
    fields: dict[str, Any],
    attachments: list[dict[str, Any]],
    qr_mask: int | None,
) -> bytes:
    """One certificate, as ``CertificateRenderer.render``. Errors: as ``render_samples``."""
    files = [Attachment(**attachment) for attachment in attachments]
    renderer = CertificateRenderer(Appearance(html, css), pictures)
    return renderer.render(CertificateFields.from_json(fields), attachments=files, qr_mask=qr_mask)


@parser(_OF_ISSUING, errors=_ERRORS, preload=_LIBRARIES)
def compile_skeleton(
    html: str, css: str, pictures: dict[str, bytes], *arguments: Any
) -> dict[str, Any]:
    """As ``Compiler.skeleton``. Errors: as ``render_samples``."""
    compiler = Compiler(CertificateRenderer(Appearance(html, css), pictures))
    return compiler.skeleton(*arguments)


@parser(_OF_ISSUING, errors=_ERRORS, preload=_LIBRARIES)
def compile_template(
    html: str, css: str, pictures: dict[str, bytes], *arguments: Any
) -> dict[str, Any]:
    """As ``Compiler.template``. Errors: as ``render_samples``."""
    compiler = Compiler(CertificateRenderer(Appearance(html, css), pictures))
    return compiler.template(*arguments)


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
