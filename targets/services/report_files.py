"""The signed PDF of a period report: by a key of ours, or signed outside and taken back."""

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates.choices import KeyUse
from certificates.models import IssuingBody, Key, Signer
from certificates.services.keys import signature_key, stamper
from certificates.services.returned_files import (
    IssuedFile,
    required_signatures,
    required_trust,
)
from common import clock, formats
from common.constraints import violation_as
from targets.errors import TargetError, TargetInputError
from targets.models import PeriodReport, ReportDocument
from targets.pdf import report_pdf

LARGEST_SIGNED = 20_000_000


def report_file(report: PeriodReport) -> bytes:
    """The signed PDF; the form before signing, the same bytes each time, where there is none."""
    return signed_file(report) or report_pdf(report)


def signed_file(report: PeriodReport) -> bytes | None:
    document = ReportDocument.objects.filter(report=report).first()
    return bytes(document.content) if document else None


def require_signable(report: PeriodReport) -> None:
    """Errors: ``no_signing_key``, ``already_signed``."""
    if not has_signing_key():
        raise _no_key()
    _require_unsigned(report)


def sign_file(*, by: Actor, report: PeriodReport) -> ReportDocument:
    """Sign with the key of this server (PAdES): for jobs and commands, since it may take long.

    Errors: ``no_signing_key``, ``already_signed``, those of ``SigningKey.sign``.
    """
    at = clock.now()
    found = signature_key(at)
    if found is None:
        raise _no_key()
    _require_unsigned(report)
    row, key = found
    # Rendering and the time-stamping authority take seconds, which no transaction should last.
    content = key.sign(report_pdf(report), at=at, timestamper=stamper())
    return _store(
        by=by, report=report, content=content, at=at,
        signer=key.subject, fingerprint=key.fingerprint, signing_key=row,
    )  # fmt: skip


def accept_signed_report(*, by: Actor, report: PeriodReport, content: bytes) -> ReportDocument:
    """Store the report as it was signed outside, if nothing but trusted signatures was added.

    Errors: ``file_too_large``, ``already_signed``, those of ``returned_files``; BoundedError.
    """
    if len(content) > LARGEST_SIGNED:
        message = _("The file is larger than %(limit)d MB; signed reports are always smaller.")
        values = {"limit": LARGEST_SIGNED // 10**6}
        raise TargetInputError("file_too_large", message % values)
    _require_unsigned(report)
    issued = _issued(report)
    signatures = required_signatures(issued, content)
    trusted = [required_trust(issued, signature) for signature in signatures]
    return _store(
        by=by, report=report, content=content, at=clock.now(),
        signer="; ".join(one["signer"] for one in signatures)[:250],
        fingerprint=signatures[-1]["fingerprint"], trusted_by=trusted[-1],
    )  # fmt: skip


@audited("report_signed_digitally")
def _store(
    *, by: Actor, report: PeriodReport, content: bytes, at: dt.datetime, **signature: Any
) -> ReportDocument:
    already = _already_signed(report)
    document = ReportDocument(
        report=report,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        signed_at=at,
        **signature,
    )
    with violation_as(TargetError, "already_signed", already), transaction.atomic():
        document.save()
    audit_details(
        report=report.code,
        sha256=document.sha256,
        signer=document.signer,
        fingerprint=document.fingerprint,
        pack_sha256=report.pack_sha256,
    )
    return document


def _no_key() -> TargetError:
    message = _("There is no signing key: have the report signed externally and upload it.")
    return TargetError("no_signing_key", message)


def _require_unsigned(report: PeriodReport) -> None:
    if ReportDocument.objects.filter(report=report).exists():
        raise TargetError("already_signed", _already_signed(report))


def _already_signed(report: PeriodReport) -> str:
    message = _("The report for %(days)s already has its digital signature.")
    return message % {"days": formats.days(report.starts_on, report.ends_on)}


def _issued(report: PeriodReport) -> IssuedFile:
    unsigned = report_pdf(report)
    return IssuedFile(
        label=report.number,
        body=_body(report),
        sha256=hashlib.sha256(unsigned).hexdigest(),
        size=len(unsigned),
        issued_at=report.signed_at,
    )


def _body(report: PeriodReport) -> IssuingBody:
    """The body in whose name the report was written: its certificates are trusted."""
    letter = report.content["letter"]
    signers = Signer.objects.in_force_on(dt.date.fromisoformat(letter["dated"]))
    signers = signers.filter(name=letter["signer_name"], body__name=letter["body"])
    signer = signers.select_related("body").first()
    if signer is None:
        message = _("%(name)s is no longer on file as a signer of %(body)s: add the signer again.")
        what = {"name": letter["signer_name"], "body": letter["body"]}
        raise TargetError("signer_unknown", message % what)
    body: IssuingBody = signer.body
    return body


def has_signing_key() -> bool:
    return Key.objects.signing(KeyUse.SIGNATURE, clock.now()).exists()
