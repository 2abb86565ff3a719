"""What is about to be issued: the first certificate of a class, drawn before it has a number."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from certificates import design_parsers
from certificates.errors import CertificateError
from certificates.services.designs import SAMPLE_CODE
from certificates.services.documents import too_costly
from certificates.services.preflight import preflight
from certificates.services.printed_fields import appearance_for, verification_url
from certificates.services.register_numbers import next_numbers
from common import bounded, clock
from common.bounded import BoundedError
from courses.models import CourseRun


def issuing_sample(run: CourseRun) -> bytes:
    """A picture of it under the terms of the class. Errors: ``preflight``'s, ``no_sample``."""
    checked = preflight(run)
    if not checked.ready:
        raise CertificateError("no_sample", _("Nobody is ready to be issued a certificate."))
    fields = replace(
        checked.ready[0].fields,
        issued_on=clock.today(),
        register_number=next_numbers(1)[0],
        verification_code=SAMPLE_CODE,
        verification_url=verification_url(SAMPLE_CODE),
    )
    pictures = dict(appearance_for(checked.design, checked.signer).images)
    marks: dict[str, Any] = dict.fromkeys((f"{name}_image" for name in pictures), "0" * 64)
    html, css = checked.design.html, checked.design.css
    data = [fields.to_json() | marks]
    try:
        return bounded.run(design_parsers.render_samples, html, css, pictures, data, True)[0]
    except BoundedError as error:
        if error.is_busy:
            raise
        raise CertificateError("design_invalid", too_costly()) from None
