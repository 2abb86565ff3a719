"""Mail to an agency's coordinators about what has become of a value that it reported."""

from django.conf import settings
from django.urls import reverse

from accounts.mail import Recipient
from common import formats
from notices.kinds import MessageKind
from notices.services.messages import send_each
from targets.message_kinds import VALUE_REPLACED, VALUE_RETURNED, VALUE_WITHDRAWN
from targets.models import IndicatorValue
from targets.services.recipients import coordinators_of


def tell_coordinators(value: IndicatorValue) -> int:
    """That the value was returned, withdrawn or replaced; how many messages."""
    coordinators = coordinators_of([value.agency_id])[value.agency_id]
    readers = [Recipient(user.email, user.language) for user in coordinators]
    return send_each(_kind(value), readers, lambda: _values(value))


def _kind(value: IndicatorValue) -> MessageKind:
    if value.replaced_by:
        return VALUE_REPLACED
    return VALUE_WITHDRAWN if value.withdrawn_at else VALUE_RETURNED


def _values(value: IndicatorValue) -> dict[str, str]:
    new = value.replaced_by
    return {
        "indicator": value.indicator.title,
        "agency": value.agency.name,
        "value": _part(value),
        "day": formats.day(value.measured_on),
        "reason": value.withdrawal_reason or value.decision_note,
        "new_value": _part(new) if new else "",
        "new_day": formats.day(new.measured_on) if new else "",
        "link": settings.SITE_URL + reverse("indicator", args=[value.indicator.slug]),
    }


def _part(value: IndicatorValue) -> str:
    return f"{formats.number(value.numerator)} / {formats.number(value.denominator)}"
