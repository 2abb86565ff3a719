from typing import Any

from django.urls import reverse

from certificates.job_types import (
    BUNDLE_CERTIFICATES,
    COMPILE_DESIGN,
    ISSUE_CERTIFICATES,
    MERGE_CERTIFICATES,
    WRITE_CERTIFICATE,
    WRITE_CONFIRMATIONS,
    WRITE_DUPLICATE,
    BatchPayload,
    BundlePayload,
    CertificatePayload,
    DesignPayload,
    DuplicatePayload,
    MergePayload,
    RunPayload,
)
from certificates.models import Certificate, CertificateDesign, Duplicate
from certificates.services import (
    attendance,
    batches,
    certificate_bundles,
    compiling,
    duplicates,
    issuance,
)
from courses.models import CourseRun
from jobs.services import Progress


@ISSUE_CERTIFICATES.work
def issue_certificates(progress: Progress[BatchPayload]) -> dict[str, Any]:
    answer = batches.run_part(progress)
    return answer | {"page": reverse("certificate_batch", args=[answer["batch"]])}


@MERGE_CERTIFICATES.work
def merge_certificates(progress: Progress[MergePayload]) -> dict[str, Any]:
    batch = batches.merge(progress)
    return {"page": reverse("certificate_batch", args=[batch.pk])}


@BUNDLE_CERTIFICATES.work
def bundle_certificates(progress: Progress[BundlePayload]) -> dict[str, Any]:
    bundle = certificate_bundles.make_bundle(progress)
    return {
        "page": reverse("certificate_bundles"),
        "until": bundle.expires_at.isoformat(),
        "owner_only": True,
    }


@WRITE_CERTIFICATE.work
def write_certificate(progress: Progress[CertificatePayload]) -> dict[str, Any]:
    waiting = Certificate.objects.without_file().select_related("design")
    written = issuance.write_each(waiting.filter(pk=progress.payload["certificate"]))
    return {"issued": len(list(written))}


@WRITE_DUPLICATE.work
def write_duplicate(progress: Progress[DuplicatePayload]) -> dict[str, Any]:
    duplicate = Duplicate.objects.get(pk=progress.payload["duplicate"])
    duplicates.write_duplicate(duplicate)
    return {"page": reverse("certificate", args=[duplicate.certificate.verification_code])}


@COMPILE_DESIGN.work
def compile_design(progress: Progress[DesignPayload]) -> dict[str, Any]:
    design = CertificateDesign.objects.filter(pk=progress.payload["design"]).first()
    return compiling.compile_common(design) if design else {}


@WRITE_CONFIRMATIONS.work
def write_confirmations(progress: Progress[RunPayload]) -> dict[str, Any]:
    run = CourseRun.objects.get(pk=progress.payload["run"])
    total = attendance.owed(run).count()
    progress.advance(0, total)
    for done, _one in enumerate(attendance.write_confirmations(run), start=1):
        progress.advance(done)
    return {"issued": total, "page": reverse("run_confirmations", args=[run.code])}
