from typing import Any

from django.urls import reverse

from certificates.job_types import (
    BUNDLE_CERTIFICATES,
    COMPILE_DESIGN,
    ISSUE_CERTIFICATES,
    BatchPayload,
    BundlePayload,
    DesignPayload,
)
from certificates.models import CertificateDesign
from certificates.services import batches, certificate_bundles, compiling
from jobs.services import Progress


@ISSUE_CERTIFICATES.work
def issue_certificates(progress: Progress[BatchPayload]) -> dict[str, Any]:
    answer = batches.run_part(progress)
    return answer | {"page": reverse("certificate_batch", args=[answer["batch"]])}


@BUNDLE_CERTIFICATES.work
def bundle_certificates(progress: Progress[BundlePayload]) -> dict[str, Any]:
    bundle = certificate_bundles.make_bundle(progress)
    return {
        "page": reverse("certificate_bundles"),
        "until": bundle.expires_at.isoformat(),
        "owner_only": True,
    }


@COMPILE_DESIGN.work
def compile_design(progress: Progress[DesignPayload]) -> dict[str, Any]:
    design = CertificateDesign.objects.filter(pk=progress.payload["design"]).first()
    return compiling.compile_common(design) if design else {}
