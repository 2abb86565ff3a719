"""Retention times: dated rules that the programme office sets, with their legal basis."""

import datetime as dt

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from retention.errors import RetentionInputError
from retention.models import RetentionRule
from retention.services.kinds import Kind

LONGEST = 70  # years


@audited("retention_rule_set")
def set_rule(
    *,
    by: Actor,
    kind: Kind,
    years: int | None,
    legal_basis: str,
    is_confirmed: bool,
    valid_from: dt.date,
    reason: str,
) -> RetentionRule:
    """Add a rule; earlier ones stay on record.

    Errors: ``reason_missing``, ``basis_missing``, ``in_past``, ``kept_for_good`` (a time for
    records that the number rests on).
    """
    legal_basis, reason = " ".join(legal_basis.split()), " ".join(reason.split())
    if not reason:
        raise RetentionInputError("reason_missing", _("Enter a reason."))
    if not legal_basis:
        raise RetentionInputError("basis_missing", _("Enter the legal basis."))
    if valid_from < clock.today():
        message = _("A rule cannot apply to the past: choose today or a later day.")
        raise RetentionInputError("in_past", message)
    if years is not None and kind.why_kept:
        message = _("These records are retained permanently: leave the years empty. %(why)s")
        raise RetentionInputError("kept_for_good", message % {"why": kind.why_kept})
    rule = RetentionRule.objects.create(
        kind=kind.name,
        years=years,
        legal_basis=legal_basis,
        is_confirmed=is_confirmed,
        valid_from=valid_from,
        reason=reason,
        recorded_by=by.label,
    )
    audit_details(
        kind=kind.name,
        years=years,
        legal_basis=legal_basis,
        is_confirmed=is_confirmed,
        valid_from=valid_from,
        reason=reason,
    )
    return rule
