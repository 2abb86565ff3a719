"""Certificates in the hands of their bearers: links, claims, the printed name."""

import datetime as dt
import hashlib
import secrets

from django.utils.translation import gettext as _

from accounts.invalidation import Secret, is_state_current, state_of
from accounts.models import User
from audit.services import Actor, audit_details, audited
from certificates.choices import CertificateState
from certificates.errors import CertificateError
from certificates.models import Certificate, NameConfirmation, ShareLink
from certificates.services.verifying import is_birth_of, normalised_code
from common import clock
from people.models import Trainee

DAYS = (7, 30, 90)


@audited("certificate_shared")
def share(*, by: Actor, certificate: Certificate, days: int) -> tuple[ShareLink, str]:
    """A link for so many days, and its token, which is told this once."""
    if days not in DAYS:
        raise CertificateError("bad_term", _("A link lasts 7, 30 or 90 days."))
    token = secrets.token_urlsafe(24)
    giver = User.objects.filter(pk=by.id).first()
    link = ShareLink.objects.create(
        certificate=certificate,
        given_by=giver,
        state=state_of(giver, Secret.SHARE_LINK) if giver else "",
        token_sha256=_hash(token),
        expires_at=clock.now() + dt.timedelta(days=days),
    )
    audit_details(register_number=certificate.register_label, days=days)
    return link, token


@audited("certificate_link_withdrawn")
def withdraw_link(*, by: Actor, link: ShareLink) -> None:
    """Close a link at once."""
    ShareLink.objects.filter(pk=link.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    audit_details(register_number=link.certificate.register_label)


def shared(token: str) -> Certificate | None:
    """The certificate behind a link; None where it is closed, over, or never was."""
    links = ShareLink.objects.open().filter(token_sha256=_hash(token))
    named = ("given_by", "certificate__completion", "certificate__superseded_by")
    link = links.select_related(*named).first()
    return link.certificate if link and _is_giver_still_bearer(link) else None


def _is_giver_still_bearer(link: ShareLink) -> bool:
    giver = link.given_by
    if giver is None:  # from before links knew who gave them, or given in a shell
        return True
    if not is_state_current(giver, Secret.SHARE_LINK, link.state):
        return False
    return Certificate.objects.borne_by(giver).filter(pk=link.certificate_id).exists()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@audited("certificate_claimed")
def claim(*, by: Actor, code: str, birth: object) -> Certificate:
    """The certificate of a code, for somebody who knows the birth date that it prints.

    Errors: ``no_match``, the same whichever of the two is wrong; ``not_in_force``.
    """
    waiting = Certificate.objects.exclude(file="").select_related("completion")
    certificate = waiting.filter(verification_code=normalised_code(code)).first()
    if certificate is None or not is_birth_of(certificate, birth):
        raise CertificateError("no_match", _("Code and birth date do not belong together."))
    if certificate.public_state != CertificateState.ISSUED:
        message = _("This certificate is no longer valid. Look it up to see what stands instead.")
        raise CertificateError("not_in_force", message)
    audit_details(register_number=certificate.register_label)
    return certificate


@audited("printed_name_confirmed")
def confirm_name(*, by: Actor, trainee: Trainee) -> NameConfirmation:
    """The person has seen their name as it will be printed. It stands until the name changes."""
    confirmation, _created = NameConfirmation.objects.update_or_create(
        trainee=trainee,
        defaults={
            "full_name": trainee.full_name,
            "confirmed_at": clock.now(),
            "confirmed_by": by.label,
        },
    )
    audit_details(trainee=trainee.code)
    return confirmation


@audited("paper_blank_noted")
def note_blank(*, by: Actor, certificate: Certificate, number: str) -> None:
    """Write down the number of the paper blank that a certificate was printed on."""
    number = number.strip()
    taken = Certificate.objects.filter(blank_number=number).exclude(pk=certificate.pk)
    if number and taken.exists():
        message = _("The paper blank %(number)s is on the register already.")
        raise CertificateError("blank_taken", message % {"number": number})
    certificate.blank_number = number[:40]
    certificate.save(update_fields=["blank_number"])
    audit_details(register_number=certificate.register_label, blank=number)
