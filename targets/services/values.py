import datetime as dt
import hashlib
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock, formats, record_time
from counting.choices import Unit
from counting.models import Indicator
from targets.choices import ValueState
from targets.errors import TargetError, TargetInputError
from targets.models import IndicatorValue
from targets.services.recipients import coordinators_of

LARGEST_FILE = 10_000_000
LARGEST_NUMBER = 1_000_000_000
STORED = ".bin"
_KINDS = frozenset({".pdf", ".docx", ".xlsx", ".png", ".jpg", ".jpeg"})


@audited("indicator_value_reported")
def report_value(
    *,
    by: Actor,
    indicator: Indicator,
    agency: Agency,
    numerator: int,
    denominator: int | None,
    measured_on: dt.date,
    evidence: tuple[str, bytes],
    remark: str = "",
) -> IndicatorValue:
    """Report an agency's part of a percentage; it waits for the programme office.

    ``evidence`` is a file's name and content. Raises TargetError: ``not_a_percentage``,
    ``denominator_missing``, ``denominator_too_large``, ``numerator_too_large``,
    ``measured_in_future``, ``evidence_kind``, ``evidence_too_large``.
    """
    whole = _require_percentage(indicator, numerator, denominator)
    if measured_on > clock.today():
        raise TargetInputError("measured_in_future", _("The value is for a future date."))
    name, content = evidence
    require_evidence(name, len(content))
    digest = hashlib.sha256(content).hexdigest()
    value = IndicatorValue(
        indicator=indicator,
        agency=agency,
        numerator=numerator,
        denominator=whole,
        measured_on=measured_on,
        remark=remark.strip(),
        evidence_sha256=digest,
        submitted_by=by.label,
    )
    # Among stored files a .pdf is a certificate and nothing else.
    stored = f"{agency.slug}-{measured_on}-{digest[:8]}{PurePath(name).suffix.lower()}{STORED}"
    value.evidence.save(stored, ContentFile(content), save=False)
    value.save()
    audit_details(
        indicator=indicator.slug,
        agency=agency.slug,
        numerator=numerator,
        denominator=whole,
        measured_on=measured_on.isoformat(),
        evidence_sha256=digest,
    )
    return value


@audited("indicator_value_decided")
def decide_value(
    *, by: Actor, value: IndicatorValue, accept: bool, remark: str = ""
) -> IndicatorValue:
    """Accept a value, which counts from now on, or return it with a remark.

    Coordinators of the agency are notified of a return. Raises TargetError: ``remark_missing``,
    ``already_decided``.
    """
    if not (accept or remark.strip()):
        raise TargetError("remark_missing", _("State what the agency has to correct."))
    waiting = IndicatorValue.objects.filter(pk=value.pk, state=ValueState.SUBMITTED)
    decided = waiting.update(
        state=ValueState.ACCEPTED if accept else ValueState.RETURNED,
        decided_at=record_time.now(),
        decided_by=by.label,
        decision_note=remark.strip(),
    )
    if not decided:
        raise TargetError("already_decided", _("This value has already been reviewed."))
    value.refresh_from_db()
    notified = 0 if accept else _notify_of_return(value)
    audit_details(
        indicator=value.indicator.slug, agency=value.agency.slug, accepted=accept, notified=notified
    )
    return value


def _notify_of_return(value: IndicatorValue) -> int:
    """Mail the coordinators of the agency; how many."""
    coordinators = coordinators_of([value.agency_id])[value.agency_id]
    get_connection().send_messages([_returned(value, user) for user in coordinators])
    return len(coordinators)


def _returned(value: IndicatorValue, user: User) -> EmailMessage:
    with translation.override(user.language):
        what = {
            "indicator": value.indicator.title,
            "agency": value.agency.name,
            "part": f"{formats.number(value.numerator)} / {formats.number(value.denominator)}",
            "day": formats.day(value.measured_on),
            "note": value.decision_note,
            "address": settings.SITE_URL + reverse("indicator", args=[value.indicator.slug]),
        }
        body = _(
            "The programme office has returned the value reported by %(agency)s as of "
            "%(day)s: %(part)s.\n\n"
            "Indicator: %(indicator)s\n"
            "Note: %(note)s\n\n"
            "Please correct it and report it again: %(address)s"
        )
        subject = _("A reported value was returned")
        return EmailMessage(subject, body % what, to=[user.email])


def require_evidence(name: str, size: int) -> None:
    if PurePath(name).suffix.lower() not in _KINDS:
        message = _("The evidence must be a PDF, Word or Excel file, or an image.")
        raise TargetError("evidence_kind", message)
    if not 0 < size <= LARGEST_FILE:
        message = _("The evidence file is empty or larger than %(most)s MB.")
        raise TargetError("evidence_too_large", message % {"most": LARGEST_FILE // 1_000_000})


def _require_percentage(indicator: Indicator, numerator: int, denominator: int | None) -> int:
    if indicator.unit != Unit.PERCENT:
        message = _("This indicator is calculated from completions, not reported.")
        raise TargetError("not_a_percentage", message)
    if not denominator or denominator < 1:
        message = _("A percentage needs a denominator: the total, at least 1.")
        raise TargetError("denominator_missing", message)
    if denominator > LARGEST_NUMBER:
        message = _("The denominator is larger than %(most)s: check for a typing error.")
        what = {"most": formats.number(LARGEST_NUMBER)}
        raise TargetError("denominator_too_large", message % what)
    if not 0 <= numerator <= denominator:
        message = _("The numerator is part of the denominator: it cannot be larger.")
        raise TargetError("numerator_too_large", message)
    return denominator
