from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from accounts.mail import Recipient
from accounts.models import User
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock, formats
from jobs.models import Job
from jobs.stored_results import compute, stored_result
from notices.services.messages import send_each
from targets.job_types import RECONCILE, ReconciliationPayload
from targets.message_kinds import CONTRADICTIONS_FOUND
from targets.progress import Reconciliation, reconcile
from targets.progress.findings import Finding
from targets.progress.stored_reconciliation import store_reconciliation
from targets.services.recipients import office

FROM_HOUR = 1  # in Asia/Ho_Chi_Minh: most people sleep
MOST_LISTED = 50  # findings written out in the message; the page has all of them


def reconcile_nightly() -> bool:
    """Start the reconciliation if it is due tonight; whether it was. May be called at any time."""
    now = clock.now().astimezone(clock.HANOI)
    row = stored_result(RECONCILE.kind)
    is_done = bool(row and row.computed_at and row.computed_at >= clock.start_of_day(now.date()))
    if now.hour < FROM_HOUR or is_done or (row and row.is_under_way):
        return False
    start_reconciliation(by=SYSTEM, owner=None, notify=True)
    return True


def start_reconciliation(*, by: Actor, owner: User | None, notify: bool = False) -> Job:
    """The job that computes it anew, or the one under way."""
    payload = ReconciliationPayload(notify=notify)
    return compute(RECONCILE, payload=payload, by=by, owner=owner)


def reconcile_and_notify(
    *, by: Actor, advance: Callable[[], object] = lambda: None
) -> Reconciliation:
    found = reconcile_and_store(by=by, advance=advance)
    if found.unexplained:
        _notify(found.unexplained)
    return found


def reconcile_and_store(
    *, by: Actor, advance: Callable[[], object] = lambda: None
) -> Reconciliation:
    found = reconcile(advance=advance)  # apart: it takes longer than a transaction should
    if found.unexplained:
        found = _looked_at_again(found, advance)
    _store(by=by, found=found)
    return found


def _looked_at_again(found: Reconciliation, advance: Callable[[], object]) -> Reconciliation:
    """Records may have changed while they were read: what was none the next time is not told."""
    kinds = {one.code for one in found.unexplained}
    again = reconcile(advance=advance)
    return replace(again, unexplained=[one for one in again.unexplained if one.code in kinds])


@audited("reconciled")
def _store(*, by: Actor, found: Reconciliation) -> None:
    store_reconciliation(found)
    audit_details(
        unexplained=len(found.unexplained),
        steps=[[step.key, step.count] for step in found.steps],
    )


def _notify(findings: Sequence[Finding]) -> None:
    readers = [Recipient(user.email, user.language) for user in office()]
    send_each(CONTRADICTIONS_FOUND, readers, lambda: _values(findings))


def _values(findings: Sequence[Finding]) -> dict[str, str]:
    return {
        "count": str(len(findings)),
        "day": formats.day(clock.today()),
        "lines": "\n".join(f"- {finding.message}" for finding in findings[:MOST_LISTED]),
        "link": settings.SITE_URL + reverse("reconcile"),
    }
