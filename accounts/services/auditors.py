"""Auditors get the signed head of the audit log once a day, to store outside the site."""

import json
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from audit.errors import AuditError
from audit.models import AuditEntry
from audit.services import SYSTEM, Actor, audit_details, audited
from audit.services.seals import lock_sealing, newest_head, require_continuity
from audit.signing import SignedHead, public_keys
from common import clock, formats

SENT = "audit_head_sent"


def auditors() -> list[User]:
    users = User.objects.holding(Role.AUDITOR).filter(is_active=True).distinct()
    return [user for user in users.order_by("pk") if user.has_mailbox]


@transaction.atomic
def send_daily_head() -> int:
    """Send today's message unless it was sent; returns how many. Safe to run at any time.

    Under the lock one worker at a time checks whether it was sent. Messages and the audit entry
    are written in one transaction.
    """
    lock_sealing()
    today = AuditEntry.objects.filter(action=SENT).done_from(clock.today())
    readers, head = auditors(), newest_head()
    if head is None or not readers or today.exists():
        return 0
    return send_head(by=SYSTEM, readers=readers, head=head)


@audited(SENT)
def send_head(*, by: Actor, readers: Sequence[User], head: SignedHead) -> int:
    alarm = _problem(head)
    get_connection().send_messages([_message(user, head, alarm) for user in readers])
    audit_details(messages=len(readers), head=head.hash, number=head.number, length=head.length)
    return len(readers)


def _problem(head: SignedHead) -> AuditError | None:
    try:
        require_continuity(head)
    except AuditError as error:
        return error
    return None


def _message(user: User, head: SignedHead, alarm: AuditError | None) -> EmailMessage:
    with translation.override(user.language):
        day = formats.day(clock.today())
        subject = _("Audit log on %(day)s: %(length)s entries") % {
            "day": day,
            "length": formats.number(head.length),
        }
        paragraphs = [
            _(
                "This is the signed head of the audit log of %(site)s. Please keep this message "
                "outside the system."
            )
            % {"site": settings.SITE_URL},
            _("Entries: %(length)s") % {"length": formats.number(head.length)},
            json.dumps({**head.to_json(), "public_key": public_keys().get(head.key, "")}, indent=1),
            _(
                "To check later whether the log has been cut or rebuilt, save this "
                "message as a file and run: manage.py verify_audit --head FILE"
            ),
        ]
        if alarm:
            paragraphs.insert(0, _("Warning: %(problem)s") % {"problem": alarm.message})
        return EmailMessage(subject, "\n\n".join(paragraphs), to=[user.email])
