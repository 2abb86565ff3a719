"""What a certificate prints, gathered from the completion and frozen in the certificate."""

import datetime as dt

from django.conf import settings

from certificates.models import Certificate, IssuingBody, Signer
from certificates.pdf import CertificateFields
from common import clock
from courses.choices import DecisionKind
from enrollment.choices import Grade
from enrollment.models import Completion
from people.models import Trainee

# The document is Vietnamese whatever the language of the page that asks for it.
_GRADES = {
    Grade.PASSED: "Đạt",
    Grade.GOOD: "Giỏi",
    Grade.FAIR: "Khá",
    Grade.AVERAGE: "Trung bình",
}


def verification_url(code: str) -> str:
    """The public address that a certificate's QR code leads to."""
    return f"{settings.SITE_URL.rstrip('/')}/verify/{code}"


def fields_of(certificate: Certificate, trainee: Trainee) -> CertificateFields:
    """The texts of a certificate about to be issued to the person behind its completion."""
    completion = certificate.completion
    run, enrollment = completion.run, completion.enrollment
    decision = next((d for d in run.decisions.all() if d.kind == DecisionKind.RECOGNITION), None)
    first, last = _taught(completion)
    return CertificateFields(
        parent_body=certificate.signer.body.parent_name,
        issuing_body=certificate.signer.body.name,
        place=certificate.signer.body.place,
        issued_on=certificate.issued_at.astimezone(clock.HANOI).date(),
        full_name=trainee.full_name,
        birth=trainee.birth_date or trainee.birth_year,
        position=(enrollment.position if enrollment else "") or trainee.position,
        unit=(enrollment.unit if enrollment else "") or trainee.unit,
        agency=completion.sending_agency.name_vi,
        course_title=run.course.title_vi,
        course_title_en=run.course.title_en,
        run_code=run.code,
        periods=completion.periods,
        starts_on=first,
        ends_on=last,
        grade=_GRADES[Grade(completion.grade)],
        serial_number=certificate.serial_number,
        register_number=certificate.register_label,
        decision_number=decision.number if decision else "",
        decision_date=decision.dated if decision else None,
        authority=authority_lines(certificate.signer),
        signer_name=certificate.signer.name,
        verification_code=certificate.verification_code,
        verification_url=verification_url(certificate.verification_code),
    )


def _taught(completion: Completion) -> tuple[dt.date, dt.date]:
    """From when to when; a result on paper bears its own date."""
    return min(completion.run.starts_on, completion.completed_on), completion.completed_on


def authority_lines(signer: Signer) -> tuple[str, ...]:
    """The capitals above a signature (Decree 30/2020): ``TL. BỘ TRƯỞNG``, ``VỤ TRƯỞNG …``."""
    whose, _comma, own = signer.title.partition(", ")
    lines = [f"{signer.authority} {whose}".strip(), own]
    return tuple(line.upper() for line in lines if line)


def body_and_signer(day: dt.date) -> tuple[IssuingBody | None, Signer | None]:
    """Who issues and who signs on a day; the body that began last, its latest signer."""
    body = IssuingBody.objects.in_force_on(day).order_by("-valid_from", "-id").first()
    if body is None:
        return None, None
    signers = Signer.objects.in_force_on(day).filter(body=body)
    return body, signers.select_related("body").order_by("-valid_from", "-id").first()
