import datetime as dt
import hashlib
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock, formats, record_time
from counting.models import Indicator
from targets.choices import ValueState
from targets.errors import TargetError, TargetInputError
from targets.models import IndicatorValue
from targets.services.duties import require_percentage
from targets.services.value_mail import tell_coordinators

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
    value = _new_value(
        by=by,
        indicator=indicator,
        agency=agency,
        numerator=numerator,
        denominator=denominator,
        measured_on=measured_on,
        evidence=evidence,
        remark=remark,
    )
    value.save()
    audit_details(**_details(value))
    return value


def _new_value(
    *,
    by: Actor,
    indicator: Indicator,
    agency: Agency,
    numerator: int,
    denominator: int | None,
    measured_on: dt.date,
    evidence: tuple[str, bytes],
    remark: str,
) -> IndicatorValue:
    """Checked, with its evidence stored; not saved."""
    whole = _require_part(indicator, numerator, denominator)
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
    return value


def _details(value: IndicatorValue) -> dict[str, Any]:
    return {
        "indicator": value.indicator.slug,
        "agency": value.agency.slug,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "measured_on": value.measured_on.isoformat(),
        "evidence_sha256": value.evidence_sha256,
    }


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
    notified = 0 if accept else tell_coordinators(value)
    audit_details(
        indicator=value.indicator.slug, agency=value.agency.slug, accepted=accept, notified=notified
    )
    return value


@audited("indicator_value_withdrawn")
def withdraw_value(*, by: Actor, value: IndicatorValue, reason: str) -> None:
    """An accepted value counts no longer, from now on; its row stays for replays.

    The agency's value before it counts again. Raises TargetError: ``reason_missing``,
    ``not_accepted``, ``value_withdrawn``.
    """
    _withdraw(value, by, reason, record_time.now())
    audit_details(
        **_details(value), reason=value.withdrawal_reason, notified=tell_coordinators(value)
    )


@audited("indicator_value_replaced")
def replace_value(
    *,
    by: Actor,
    value: IndicatorValue,
    numerator: int,
    denominator: int | None,
    measured_on: dt.date,
    evidence: tuple[str, bytes],
    reason: str,
    remark: str = "",
) -> IndicatorValue:
    """Withdraw an accepted value and accept another in its place, at one instant.

    Raises TargetError as ``withdraw_value`` and ``report_value`` do.
    """
    now = record_time.now()
    _withdraw(value, by, reason, now)
    new = _new_value(
        by=by,
        indicator=value.indicator,
        agency=value.agency,
        numerator=numerator,
        denominator=denominator,
        measured_on=measured_on,
        evidence=evidence,
        remark=remark,
    )
    new.state, new.decided_at, new.decided_by = ValueState.ACCEPTED, now, by.label
    new.submitted_at = now
    new.save()
    IndicatorValue.objects.filter(pk=value.pk).update(replaced_by=new)
    value.refresh_from_db()
    audit_details(
        **_details(new),
        replaced=f"{value.numerator}/{value.denominator}",
        replaced_day=value.measured_on.isoformat(),
        reason=value.withdrawal_reason,
        notified=tell_coordinators(value),
    )
    return new


def _withdraw(value: IndicatorValue, by: Actor, reason: str, now: dt.datetime) -> None:
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for withdrawing the value."))
    counting = IndicatorValue.objects.filter(pk=value.pk, state=ValueState.ACCEPTED)
    withdrawn = counting.filter(withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by=by.label, withdrawal_reason=reason.strip()[:250]
    )
    value.refresh_from_db()
    if withdrawn:
        return
    if value.withdrawn_at:
        message = _("This value has already been withdrawn.")
        raise TargetError("value_withdrawn", message)
    raise TargetError("not_accepted", _("Only an accepted value can be withdrawn or replaced."))


def require_evidence(name: str, size: int) -> None:
    if PurePath(name).suffix.lower() not in _KINDS:
        message = _("The evidence must be a PDF, Word or Excel file, or an image.")
        raise TargetError("evidence_kind", message)
    if not 0 < size <= LARGEST_FILE:
        message = _("The evidence file is empty or larger than %(most)s MB.")
        raise TargetError("evidence_too_large", message % {"most": LARGEST_FILE // 1_000_000})


def _require_part(indicator: Indicator, numerator: int, denominator: int | None) -> int:
    require_percentage(indicator)
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
