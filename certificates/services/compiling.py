"""Designs are compiled for the make-ups that an office needs, before anybody waits for them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from certificates.compiled import UnusualError
from certificates.errors import CertificateError
from certificates.models import Certificate, CertificateDesign
from certificates.pdf import Appearance, CertificateFields
from certificates.services.designs import SAMPLES, present_texts, sample_fields
from certificates.services.documents import compile_for
from certificates.services.preflight import present_signer
from certificates.services.printed_fields import appearance_for
from common.errors import DomainError

# The newest certificates show which lines an office prints.
LOOKED_AT = 300


def compile_common(design: CertificateDesign) -> dict[str, int]:
    """How many certificates the compiled design could make, and how many it leaves to the renderer.

    Whatever fails here is said when a certificate is issued. Safe to repeat.
    """
    appearance, pictures = _appearance(design)
    made = {"compiled": 0, "rendered": 0}
    for fields in _common(pictures):
        try:
            compile_for(appearance, fields)
        except (UnusualError, DomainError):
            made["rendered"] += 1
        else:
            made["compiled"] += 1
    return made


def _appearance(design: CertificateDesign) -> tuple[Appearance, dict[str, Any]]:
    try:
        appearance = appearance_for(design, present_signer())
    except CertificateError:  # no signer is entered yet
        appearance = Appearance(design.html, design.css)
    shown = {name for name, _image in appearance.images}
    marks = {f"{name}_image": "0" * 64 if name in shown else "" for name in ("signature", "seal")}
    return appearance, marks


def _common(pictures: dict[str, Any]) -> Iterator[CertificateFields]:
    # As the present signer would issue them: those texts stay in the template.
    present = {"parent_body": "", "authority": ()} | present_texts() | pictures
    for sample in SAMPLES:
        yield replace(sample_fields(sample), **pictures)
    newest = Certificate.objects.filter(erased_at=None).order_by("-pk")[:LOOKED_AT]
    for printed in newest.values_list("printed", flat=True):
        yield replace(CertificateFields.from_json(printed), **present)
