"""Mail to an agency's coordinators about what has become of a value that it reported."""

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from common import formats
from targets.models import IndicatorValue
from targets.services.recipients import coordinators_of


def tell_coordinators(value: IndicatorValue) -> int:
    """That the value was returned, withdrawn or replaced; how many messages."""
    coordinators = coordinators_of([value.agency_id])[value.agency_id]
    get_connection().send_messages([_message(value, user) for user in coordinators])
    return len(coordinators)


def _message(value: IndicatorValue, user: User) -> EmailMessage:
    new = value.replaced_by
    with translation.override(user.language):
        what = {
            "indicator": value.indicator.title,
            "agency": value.agency.name,
            "part": _part(value),
            "day": formats.day(value.measured_on),
            "note": value.withdrawal_reason or value.decision_note,
            "new": new and _part(new),
            "new_day": new and formats.day(new.measured_on),
            "address": settings.SITE_URL + reverse("indicator", args=[value.indicator.slug]),
        }
        subject, body = _words(value)
        return EmailMessage(subject, body % what, to=[user.email])


def _words(value: IndicatorValue) -> tuple[str, str]:
    if value.replaced_by:
        body = _(
            "The programme office has replaced the accepted value of %(agency)s as of "
            "%(day)s, %(part)s, by %(new)s as of %(new_day)s.\n\n"
            "Indicator: %(indicator)s\n"
            "Reason: %(note)s\n\n"
            "All values: %(address)s"
        )
        return _("A reported value was replaced"), body
    if value.withdrawn_at:
        body = _(
            "The programme office has withdrawn the accepted value of %(agency)s as of "
            "%(day)s: %(part)s.\n\n"
            "Indicator: %(indicator)s\n"
            "Reason: %(note)s\n\n"
            "Please report the correct value: %(address)s"
        )
        return _("A reported value was withdrawn"), body
    body = _(
        "The programme office has returned the value reported by %(agency)s as of "
        "%(day)s: %(part)s.\n\n"
        "Indicator: %(indicator)s\n"
        "Note: %(note)s\n\n"
        "Please correct it and report it again: %(address)s"
    )
    return _("A reported value was returned"), body


def _part(value: IndicatorValue) -> str:
    return f"{formats.number(value.numerator)} / {formats.number(value.denominator)}"
