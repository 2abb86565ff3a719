"""What a certificate prints, gathered from the completion and frozen in the certificate."""

import datetime as dt
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.conf import settings

from certificates.models import BakedImage, Certificate, IssuingBody, IssuingTerms, Signer
from certificates.pdf import Appearance, CertificateFields, Design
from certificates.querysets import InForceQuerySet
from common import clock, formats
from courses.choices import DecisionKind
from courses.models import CourseRun
from enrollment.choices import Grade
from enrollment.models import Completion
from enrollment.pdf import PaperHead
from people.models import Trainee

# Placeholders as long as the numbers that are given later, so that preflight measures them.
PENDING_NUMBER, PENDING_CODE = "0000/0000/AI", "0000-0000-0000-0000"

# The document is Vietnamese whatever the language of the page that asks for it.
_GRADES = {
    Grade.PASSED: "Đạt",
    Grade.GOOD: "Giỏi",
    Grade.FAIR: "Khá",
    Grade.AVERAGE: "Trung bình",
}


def verification_url(code: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}/verify/{code}"


def fields_of(completion: Completion, trainee: Trainee, signer: Signer) -> CertificateFields:
    """The texts of a certificate to be issued today to the person behind a completion.

    Numbers are placeholders until ``with_numbers`` replaces them.
    """
    run, enrollment = completion.run, completion.enrollment
    decision = next((d for d in run.decisions.all() if d.kind == DecisionKind.RECOGNITION), None)
    first, last = _taught(completion)
    return CertificateFields(
        **texts_of_signer(signer),
        issued_on=clock.today(),
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
        serial_number="",
        register_number=PENDING_NUMBER,
        decision_number=decision.number if decision else "",
        decision_date=decision.dated if decision else None,
        signature_image=hash_of(signer.picture),
        seal_image=hash_of(None if signer.picture else signer.body.seal),
        verification_code=PENDING_CODE,
        verification_url=verification_url(PENDING_CODE),
    )


def texts_of_signer(signer: Signer) -> dict[str, Any]:
    return {
        # In capitals, as Decree 30/2020 writes them.
        "parent_body": signer.body.parent_name.upper(),
        "issuing_body": signer.body.name.upper(),
        "place": signer.body.place,
        "authority": authority_lines(signer),
        "signer_name": signer.name,
    }


def with_numbers(fields: CertificateFields, certificate: Certificate) -> CertificateFields:
    return replace(
        fields,
        issued_on=formats.local_day(certificate.issued_at),
        serial_number=certificate.serial_number,
        register_number=certificate.register_label,
        verification_code=certificate.verification_code,
        verification_url=verification_url(certificate.verification_code),
    )


def hash_of(image: BakedImage | None) -> str:
    return image.sha256 if image else ""


def appearance_for(design: Design, signer: Signer) -> Appearance:
    seal = None if signer.picture else signer.body.seal
    return appearance(design, hash_of(signer.picture), hash_of(seal))


def appearance_as_issued(certificate: Certificate) -> Appearance:
    # With the pictures of the day of issue, not those of today.
    fields = certificate.printed
    return appearance(
        certificate.design, fields.get("signature_image", ""), fields.get("seal_image", "")
    )


def appearance(design: Design, signature: str, seal: str) -> Appearance:
    """``signature`` and ``seal`` are hashes of baked pictures; empty for none."""
    named = (("signature", signature), ("seal", seal))
    images = tuple((name, picture(sha256)) for name, sha256 in named if sha256)
    return Appearance(design.html, design.css, images)


@lru_cache(maxsize=32)
def picture(sha256: str) -> bytes:
    return bytes(BakedImage.objects.get(sha256=sha256).content)


def _taught(completion: Completion) -> tuple[dt.date, dt.date]:
    # First and last day; a result on paper may lie before the class.
    return min(completion.run.starts_on, completion.completed_on), completion.completed_on


def authority_lines(signer: Signer) -> tuple[str, ...]:
    """The capitals above a signature (Decree 30/2020): ``TL. BỘ TRƯỞNG``, ``VỤ TRƯỞNG …``."""
    whose, _comma, own = signer.title.partition(", ")
    lines = [f"{signer.authority} {whose}".strip(), own]
    return tuple(line.upper() for line in lines if line)


def body_and_signer(day: dt.date) -> tuple[IssuingBody | None, Signer | None]:
    """The body in force whose term began last, and its latest signer."""
    body = IssuingBody.objects.in_force_on(day).latest_first().first()
    if body is None:
        return None, None
    return body, signers_in_force(day).filter(body=body).latest_first().first()


def issuer_of(run: CourseRun, day: dt.date) -> tuple[IssuingBody | None, Signer | None]:
    named = signers_in_force(day).filter(
        pk__in=IssuingTerms.objects.filter(run=run).values("signer")
    )
    if signer := named.first():
        return signer.body, signer
    return body_and_signer(day)


def head_of_class(run: CourseRun) -> PaperHead:
    body, signer = issuer_of(run, clock.today())
    if body is None:
        return PaperHead()
    head = PaperHead(body.parent_name, body.name, body.place)
    return replace(head, authority=authority_lines(signer), signer=signer.name) if signer else head


def signers_in_force(day: dt.date) -> InForceQuerySet[Signer]:
    signers = Signer.objects.in_force_on(day).filter(body__in=IssuingBody.objects.in_force_on(day))
    return signers.select_related("body__seal", "signature", "sealed_signature")
