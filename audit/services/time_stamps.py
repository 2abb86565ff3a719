"""Time stamps on signed heads, from the time-stamping authority where one is set."""

import logging

from django.conf import settings

from audit.models import AuditHead
from audit.signing import SignedHead
from common import clock
from common.time_stamps import TimeStampError, request_token

logger = logging.getLogger(__name__)


def stamp() -> bool:
    """Time-stamp the newest head, which covers all before it; False where that failed.

    Nothing waits for it: an authority that does not answer is asked again the next time.
    """
    head = AuditHead.objects.order_by("-number").first()
    if not settings.TSA_URL or head is None or head.stamped_at:
        return False
    try:
        token = request_token(settings.TSA_URL, SignedHead.of(head).digest())
    except TimeStampError as error:
        logger.warning("the audit log was not time-stamped: %s", error)
        return False
    left = AuditHead.objects.filter(pk=head.pk, stamped_at=None)
    return bool(left.update(time_stamp=token, stamped_at=clock.now()))
