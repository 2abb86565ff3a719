"""Designs: a version that has issued anything never changes; a change is a new version."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.db import models
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited, audited_action
from certificates import design_parsers
from certificates.errors import CertificateError
from certificates.job_types import COMPILE_DESIGN, DesignPayload
from certificates.models import CertificateDesign
from certificates.pdf import Appearance, CertificateFields, Design
from certificates.services.documents import too_costly
from certificates.services.preflight import present_signer
from certificates.services.printed_fields import appearance_for, texts_of_signer, verification_url
from common import bounded, clock
from common.bounded import BoundedError
from courses.models import Course
from jobs import services as jobs
from people.models import Trainee

Row = TypeVar("Row", bound=models.Model)

SAMPLE_CODE = "7K3M-9QXB-TFW2-HD8P"
LARGEST_SOURCE = 300_000
SAMPLES = ("longest", "shortest")


def save_design(*, by: Actor, slug: str, name: str, html: str, css: str) -> CertificateDesign:
    """Save a design in its newest version, or as a new one where that has issued anything.

    The design is tried with the longest and shortest real data first. Errors:
    ``design_invalid``, ``blocked_resource``, ``does_not_fit``, ``font_missing``.
    """
    try_design(Appearance(html, css))  # takes seconds, which no open transaction should last
    with audited_action("certificate_design_saved", by=by):
        design = CertificateDesign.objects.select_for_update().filter(slug=slug).first()
        if design is None or design.frozen_at:
            version = design.version + 1 if design else 1
            design = CertificateDesign(slug=slug, version=version)
        design.name, design.html, design.css = name, html, css
        design.save()
        audit_details(design=slug, version=design.version)
    return design


@audited("certificate_design_chosen")
def make_default(*, by: Actor, design: CertificateDesign) -> CertificateDesign:
    CertificateDesign.objects.filter(is_default=True).update(is_default=False)
    CertificateDesign.objects.filter(pk=design.pk).update(is_default=True)
    design.refresh_from_db()
    payload = DesignPayload(design=design.pk)
    jobs.start(COMPILE_DESIGN, payload=payload, owner=None, by=by)
    audit_details(design=design.slug, version=design.version)
    return design


def try_design(design: Design, *, as_png: bool = False) -> dict[str, bytes]:
    """Render the longest and the shortest real data; nothing is stored.

    Errors: as for ``save_design``, and BoundedError where no parser is free.
    """
    if len(design.html) + len(design.css) > LARGEST_SOURCE:
        message = _("The design has more than %(limit)d characters.") % {"limit": LARGEST_SOURCE}
        raise CertificateError("design_invalid", message)
    return dict(zip(SAMPLES, _rendered(design, SAMPLES, as_png=as_png), strict=True))


def preview(design: Design, sample: str, *, as_png: bool = False) -> bytes:
    return _rendered(design, [sample], as_png=as_png)[0]


def _rendered(design: Design, samples: Sequence[str], *, as_png: bool) -> list[bytes]:
    try:
        pictures = dict(appearance_for(design, present_signer()).images)
    except CertificateError:
        pictures = {}
    marks: dict[str, Any] = dict.fromkeys((f"{name}_image" for name in pictures), "0" * 64)
    data = [(sample_fields(sample).to_json() | marks) for sample in samples]
    try:
        return bounded.run(
            design_parsers.render_samples, design.html, design.css, pictures, data, as_png
        )
    except BoundedError as error:
        if error.is_busy:
            raise
        raise CertificateError("design_invalid", too_costly()) from None


def sample_fields(sample: str) -> CertificateFields:
    longest = sample == "longest"
    course = _extreme(Course, "title_vi", longest=longest)
    trainee = _extreme(Trainee, "full_name", longest=longest)
    agency = _extreme(Agency, "name_vi", longest=longest)
    today = clock.today()
    plain = CertificateFields(
        **present_texts(),
        issued_on=today,
        full_name=trainee.full_name if trainee else "Nguyễn Thị Ánh Tuyết",
        agency=agency.name_vi if agency else "Bộ Tài chính",
        course_title=course.title_vi if course else "Ứng dụng trí tuệ nhân tạo",
        register_number=f"0000/{today.year}/AI",
        verification_code=SAMPLE_CODE,
        verification_url=verification_url(SAMPLE_CODE),
    )
    if not longest:
        return replace(plain, title_en="")
    return replace(
        plain,
        birth=dt.date(1985, 12, 28),
        position=_longest_text("position") or "Phó Trưởng phòng",
        unit=_longest_text("unit") or "Trung tâm Chuyển đổi số",
        course_title_en=course.title_en if course else "Applied AI",
        run_code="AI-GEN-LEADERS-2025-11",
        periods=120,
        starts_on=today - dt.timedelta(days=60),
        ends_on=today,
        grade="Trung bình",
        serial_number="AI26000001",
        decision_number="1234/QĐ-BKHCN",
        decision_date=today,
    )


def present_texts() -> dict[str, Any]:
    """What is printed of the present signer and body."""
    try:
        signer = present_signer()
    except CertificateError:  # none is entered yet
        return {
            "issuing_body": "Bộ Khoa học và Công nghệ",
            "place": "Hà Nội",
            "signer_name": "Lê Thị Minh Hằng",
        }
    return texts_of_signer(signer)


def _longest_text(field: str) -> str:
    people = Trainee.objects.annotate(length=Length(field)).order_by("-length")
    return people.values_list(field, flat=True).first() or ""


def _extreme(model: type[Row], field: str, *, longest: bool) -> Row | None:
    rows = model._default_manager.exclude(**{field: ""}).annotate(length=Length(field))
    return rows.order_by("-length" if longest else "length", "pk").first()
