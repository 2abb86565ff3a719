from django.urls import path

from certificates.credential import StatusPurpose
from certificates.views import (
    batches,
    bundles,
    credentials,
    designs,
    issuers,
    numbers,
    published,
    register,
    signer_certificates,
    verification,
)

urlpatterns = [
    path("certificates/", register.register, name="certificates"),
    path("certificates/register.<str:form>", register.register_file, name="register_file"),
    path("certificates/bundles/", bundles.bundle_list, name="certificate_bundles"),
    path(
        "certificates/bundles/<uuid:bundle_id>/<str:kind>",
        bundles.bundle_file,
        name="certificate_bundle_file",
    ),
    path("certificates/designs/", designs.design_list, name="certificate_designs"),
    path("certificates/designs/new/", designs.new_design, name="new_design"),
    path(
        "certificates/designs/<slug:slug>/<int:version>/",
        designs.design_page,
        name="certificate_design",
    ),
    path(
        "certificates/designs/<slug:slug>/<int:version>/<str:sample>.png",
        designs.design_preview,
        name="design_preview",
    ),
    path("certificates/issuers/", issuers.issuer_list, name="issuers"),
    path("certificates/issuers/new/", issuers.new_body, name="new_issuing_body"),
    path("certificates/issuers/<int:pk>/", issuers.body_page, name="issuing_body"),
    path("certificates/issuers/<int:pk>/signers/new/", issuers.new_signer, name="new_signer"),
    path(
        "certificates/issuers/<int:pk>/certificates/",
        signer_certificates.certificate_list,
        name="signer_certificates",
    ),
    path(
        "certificates/issuers/certificates/<int:pk>/end/",
        signer_certificates.end_entry,
        name="end_signer_certificate",
    ),
    path("certificates/signers/<int:pk>/", issuers.signer_page, name="signer"),
    path("certificates/pictures/<str:sha256>.jpg", issuers.picture, name="baked_image"),
    path("certificates/runs/<str:code>/", batches.run_certificates, name="run_certificates"),
    path(
        "certificates/runs/<str:code>/sample.png",
        batches.issuing_sample_file,
        name="issuing_sample",
    ),
    path(
        "certificates/runs/<str:code>/<str:kind>.zip",
        batches.run_certificates_file,
        name="run_certificates_file",
    ),
    path("certificates/batches/<uuid:batch_id>/", batches.batch_page, name="certificate_batch"),
    path("certificates/<str:code>/", register.certificate_page, name="certificate"),
    path("certificates/<str:code>/file", register.certificate_file, name="certificate_file"),
    path(
        "certificates/<str:code>/credential.<str:kind>",
        credentials.certificate_credential,
        name="certificate_credential",
    ),
    path("verify/", verification.verify, name="verify"),
    path("verify/number", numbers.verify_by_number, name="verify_by_number"),
    path("verify/claim", verification.claim_certificate, name="claim_certificate"),
    path("verify/keys.pem", published.signing_certificates, name="signing_certificates"),
    path("verify/shared/<str:token>", verification.shared_certificate, name="shared_certificate"),
    path("verify/status/<slug:register>-<int:year>", published.status_list, name="status_list"),
    path(
        f"verify/status/<slug:register>-<int:year>/{StatusPurpose.REFRESH}",
        published.status_list,
        {"purpose": StatusPurpose.REFRESH},
        name="superseded_list",
    ),
    path("verify/courses/<str:code>/<int:version>/badge.<str:kind>", published.badge, name="badge"),
    path(
        "verify/courses/<str:code>/<int:version>/<str:language>",
        published.achievement,
        name="achievement",
    ),
    path("verify/<str:code>", verification.verify_one, name="verify_code"),
    path(
        "verify/<str:code>/credential.json",
        verification.verify_credential,
        name="verify_credential",
    ),
    path(".well-known/did.json", published.did_document, name="did_document"),
]
