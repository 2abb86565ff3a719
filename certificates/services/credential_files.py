"""The credential of a certificate as a file: alone, or baked into the badge of its course."""

import json

from certificates.credential import baked_png, baked_svg
from certificates.models import Certificate

CREDENTIAL_TYPES = {
    "json": "application/vc",
    "png": "image/png",
    "svg": "image/svg+xml",
}


def credential_file(certificate: Certificate, form: str) -> tuple[str, bytes]:
    """Name and content; ``form`` is a key of ``CREDENTIAL_TYPES``, and there is a credential."""
    course, proved = certificate.completion.run.course.code, certificate.credential or {}
    if form == "png":
        content = baked_png(course, proved)
    elif form == "svg":
        content = baked_svg(course, proved).encode()
    else:
        content = json.dumps(proved, ensure_ascii=False, indent=1).encode()
    return f"{certificate.file_name.removesuffix('.pdf')}.credential.{form}", content
