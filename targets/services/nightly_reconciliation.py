from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from audit.models import AuditEntry
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock, formats
from targets.progress import Reconciliation, reconcile
from targets.progress.findings import Finding

FROM_HOUR = 1  # in Asia/Ho_Chi_Minh: most people sleep
MOST_LISTED = 50  # findings written out in the message; the page has all of them


def reconcile_nightly() -> bool:
    """Reconcile if that is due tonight; whether it was done. May be called at any time."""
    now = clock.now().astimezone(clock.HANOI)
    done = AuditEntry.objects.filter(action="reconciled", at__gte=clock.start_of_day(now.date()))
    if now.hour < FROM_HOUR or done.exists():
        return False
    reconcile_and_notify(by=SYSTEM)
    return True


@audited("reconciled")
def reconcile_and_notify(*, by: Actor) -> Reconciliation:
    """Reconcile; mail the programme office about whatever is unexplained."""
    found = reconcile()
    if found.unexplained:
        _notify(found.unexplained)
    audit_details(
        unexplained=len(found.unexplained),
        steps=[[step.key, step.count] for step in found.steps],
    )
    return found


def _notify(findings: Sequence[Finding]) -> None:
    office = User.objects.holding(Role.PROGRAMME_OFFICE).filter(is_active=True).exclude(email="")
    messages = []
    for user in office.distinct():
        with translation.override(user.language or settings.LANGUAGE_CODE):
            messages.append(EmailMessage(*_message(findings), to=[user.email]))
    get_connection().send_messages(messages)


def _message(findings: Sequence[Finding]) -> tuple[str, str]:
    values = {
        "count": len(findings),
        "day": formats.day(clock.today()),
        "findings": "\n".join(f"- {finding.message}" for finding in findings[:MOST_LISTED]),
        "address": settings.SITE_URL + reverse("reconcile"),
    }
    subject = _("The number has %(count)s unexplained contradictions")
    body = _(
        "The reconciliation from enrolled to counted on %(day)s found %(count)s "
        "unexplained contradictions:\n\n"
        "%(findings)s\n\n"
        "Each step with its names: %(address)s"
    )
    return subject % values, body % values
