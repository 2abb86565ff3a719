"""What a person does with a link that shows one certificate to others for a while."""

import datetime as dt
import hashlib
import secrets

from django.utils.translation import gettext as _

from accounts.invalidation import Secret, is_state_current, state_of
from accounts.models import User
from audit.services import Actor, audit_details, audited
from certificates.errors import CertificateError
from certificates.models import Certificate, ShareLink
from common import clock

DAYS = (7, 30, 90)


@audited("certificate_shared")
def share(*, by: Actor, certificate: Certificate, days: int) -> tuple[ShareLink, str]:
    """Returns the link and its token, which is stored as a hash only."""
    if days not in DAYS:
        raise CertificateError("bad_term", _("A link can be valid for 7, 30 or 90 days."))
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
    ShareLink.objects.filter(pk=link.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    audit_details(register_number=link.certificate.register_label)


def shared(token: str) -> Certificate | None:
    """The certificate of an open link, else None."""
    links = ShareLink.objects.open().filter(token_sha256=_hash(token))
    named = ("given_by", "certificate__completion", "certificate__superseded_by")
    link = links.select_related(*named).first()
    return link.certificate if link and _giver_still_holds(link) else None


def _giver_still_holds(link: ShareLink) -> bool:
    giver = link.given_by
    if giver is None:  # from before links knew who gave them, or given in a shell
        return True
    if not is_state_current(giver, Secret.SHARE_LINK, link.state):
        return False
    return Certificate.objects.issued_to(giver).filter(pk=link.certificate_id).exists()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
