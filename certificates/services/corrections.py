"""After issuing: revoke a certificate, replace it by a corrected one, record its paper blank."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited, audited_action
from certificates.choices import CertificateState
from certificates.errors import CertificateError, CertificateInputError
from certificates.job_types import WRITE_CERTIFICATE, CertificatePayload
from certificates.models import Certificate
from certificates.querysets import PaperQuerySet
from certificates.services.issuance import CertificateBuilder, file_owed, store
from certificates.services.preflight import preflight_of_one
from certificates.services.register_numbers import register_lock
from common import clock
from common.deferred_messages import DeferredMessage
from common.errors import DomainError
from jobs import services as jobs


@audited("certificate_revoked")
def revoke(*, by: Actor, certificate: Certificate, reason: str) -> Certificate:
    require_reason(reason, _("Give the reason for revoking the certificate."))
    end(Certificate.objects.filter(pk=certificate.pk), reason)
    certificate.refresh_from_db()
    audit_details(register_number=certificate.register_label)
    return certificate


def require_reason(reason: str, sentence: str | DeferredMessage) -> None:
    if not reason.strip():
        raise CertificateInputError("reason_missing", sentence)


def end(rows: PaperQuerySet[Any], reason: str) -> None:
    """Revoke a certificate or confirmation. Error: ``not_live``."""
    if not rows.live().update(
        state=CertificateState.REVOKED,
        revoked_at=clock.now(),
        revocation_reason=reason.strip()[:250],
    ):
        raise CertificateError("not_live", _("Only what is valid can be revoked."))


@audited("paper_blank_recorded")
def record_blank(*, by: Actor, certificate: Certificate, number: str) -> None:
    number = number.strip()
    taken = Certificate.objects.filter(blank_number=number).exclude(pk=certificate.pk)
    if number and taken.exists():
        message = _("Paper blank %(number)s is already in the register.")
        raise CertificateError("blank_taken", message % {"number": number})
    certificate.blank_number = number[:40]
    certificate.save(update_fields=["blank_number"])
    audit_details(register_number=certificate.register_label, blank=number)


def reissue(*, by: Actor, certificate: Certificate, reason: str) -> Certificate:
    """Issue a corrected certificate under a new number; each points to the other.

    One that was revoked by mistake stays revoked and points to the new one. The reason is for
    the office alone. Nothing happens where the correction could not be printed or signed.
    Errors: ``reason_missing``, ``not_live``, ``void``, those of preflight; ``file_owed`` where
    the new certificate is on the register and only its file could not be made.
    """
    require_reason(reason, _("State what is being corrected."))
    # The preflight may take seconds: it comes before the lock on the register.
    checked = preflight_of_one(certificate.completion)
    with audited_action("certificate_reissued", by=by):
        with register_lock(checked) as number:
            retire(Certificate.objects.filter(pk=certificate.pk), reason)
            (ready,) = checked.ready
            successor = number(ready)
            successor.save()
        Certificate.objects.filter(pk=certificate.pk).update(superseded_by=successor)
        audit_details(superseded=certificate.register_label, successor=successor.register_label)
    # A file that cannot be made must not undo the numbers.
    transaction.on_commit(lambda: _make_file(by, successor))
    return successor


def retire(rows: PaperQuerySet[Any], reason: str) -> None:
    """Make room for a successor. Error: ``not_live`` where there is one already."""
    reason = reason.strip()[:250]
    rows = rows.filter(superseded_by=None)
    superseded = rows.live().update(state=CertificateState.SUPERSEDED, correction_reason=reason)
    revoked = rows.filter(state=CertificateState.REVOKED)
    if not (superseded or revoked.update(correction_reason=reason)):
        raise CertificateError("not_live", _("This has already been replaced by another one."))


def _make_file(by: Actor, successor: Certificate) -> None:
    if settings.TSA_URL:  # another's machine, which no request waits for
        payload = CertificatePayload(certificate=successor.pk)
        jobs.start(WRITE_CERTIFICATE, payload=payload, owner=None, by=by)
        return
    try:
        store([(successor, CertificateBuilder().build(successor))])
    except DomainError as error:
        raise file_owed(successor, error) from error
