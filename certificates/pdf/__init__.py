"""A certificate's bytes: the one interface behind which they are made."""

from certificates.pdf.fields import DESIGN_FIELDS, CertificateFields
from certificates.pdf.rendering import (
    LONGEST_FIELD,
    Appearance,
    CertificateRenderer,
    Design,
    DesignSource,
    StarterDesign,
    is_shipped,
    starter_designs,
)

__all__ = [
    "DESIGN_FIELDS",
    "LONGEST_FIELD",
    "Appearance",
    "CertificateFields",
    "CertificateRenderer",
    "Design",
    "DesignSource",
    "StarterDesign",
    "is_shipped",
    "starter_designs",
]
