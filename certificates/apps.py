from django.apps import AppConfig

from certificates.job_types import (
    BUNDLE_CERTIFICATES,
    COMPILE_DESIGN,
    ISSUE_CERTIFICATES,
    MERGE_CERTIFICATES,
    WRITE_CERTIFICATE,
    WRITE_CONFIRMATIONS,
    WRITE_DUPLICATE,
)
from certificates.personal import PERSONAL
from common.append_only import protect
from common.mail_links import link_makers
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, paper_heads, steps_after_closing, timed_tasks
from jobs import job_types
from notices.kinds import message_kinds


class CertificatesConfig(AppConfig):
    name = "certificates"

    def ready(self) -> None:
        from certificates.message_kinds import ALL
        from certificates.models import (
            Achievement,
            AttendanceConfirmation,
            BakedImage,
            Certificate,
            CertificateDesign,
            Duplicate,
            SignerCertificate,
        )

        personal_fields.register("certificates", PERSONAL)
        protect(Achievement)
        protect(
            AttendanceConfirmation,
            except_fields=_FATE,
            write_once=("printed",),
            with_field="erased_at",
        )
        protect(BakedImage)
        protect(
            Certificate,
            except_fields=_MAY_CHANGE,
            write_once=("printed", "credential"),
            with_field="erased_at",
        )
        protect(CertificateDesign, except_fields=("is_default", "frozen_at"), when="frozen_at")
        job_types.register(*_JOBS)
        protect(Duplicate, except_fields=_OF_COPIES, write_once=("sha256",), with_field="made_at")
        protect(SignerCertificate, except_fields=("ended_at", "ended_by", "end_reason"))
        services = "certificates.services.privacy"
        personal_data_handlers.register(
            "certificates",
            PersonalDataHandler(Deferred(f"{services}.show"), Deferred(f"{services}.erase")),
        )
        paper_heads.register(
            "class", Deferred("certificates.services.printed_fields.head_of_class")
        )
        issuing = Deferred("certificates.views.next_step.to_issue")
        steps_after_closing.register("certificates", issuing)
        link_makers.register(
            "name_on_certificate", Deferred("certificates.services.name_links.make_link")
        )
        _register_timed_tasks()
        for kind in ALL:
            message_kinds.register(kind.name, kind)


def _register_timed_tasks() -> None:
    revive = Deferred("certificates.services.batches.revive_batches")
    timed_tasks.register("revive_batches", TimedTask(revive, seconds=30))
    names = Deferred("certificates.services.name_reminders.remind_of_names")
    timed_tasks.register("remind_of_names", TimedTask(names, seconds=3600))
    bundles = Deferred("certificates.services.certificate_bundles.erase_expired")
    timed_tasks.register("forget_expired_bundles", TimedTask(bundles, seconds=3600))


_JOBS = (
    ISSUE_CERTIFICATES, MERGE_CERTIFICATES, BUNDLE_CERTIFICATES, COMPILE_DESIGN, WRITE_CERTIFICATE,
    WRITE_CONFIRMATIONS, WRITE_DUPLICATE,
)  # fmt: skip
# What is printed and under which numbers never changes; how it fares afterwards does.
_FATE = (
    "file", "sha256", "state", "notified_at", "superseded_by", "correction_reason", "revoked_at",
    "revocation_reason",
)  # fmt: skip
_OF_COPIES = ("file", "reason", "job")
_MAY_CHANGE = (
    *_FATE, "blank_number", "signed_by", "signing_key", "signed_at", "unsigned_sha256",
    "unsigned_size", "outside_signer", "trusted_by", "made_with",
)  # fmt: skip
