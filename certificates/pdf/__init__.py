"""A certificate's bytes: the one interface behind which they are made."""

from certificates.pdf.fields import DESIGN_FIELDS, CertificateFields
from certificates.pdf.rendering import (
    LONGEST_FIELD,
    CertificateRenderer,
    Design,
    StarterDesign,
    missing_glyphs,
    prepare,
    render_certificate,
    starter_designs,
)

__all__ = [
    "DESIGN_FIELDS",
    "LONGEST_FIELD",
    "CertificateFields",
    "CertificateRenderer",
    "Design",
    "StarterDesign",
    "missing_glyphs",
    "prepare",
    "render_certificate",
    "starter_designs",
]
