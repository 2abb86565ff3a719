import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock, formats, record_time
from common.constraints import violation_as
from counting.choices import Unit
from counting.models import Indicator
from targets.choices import Reminder
from targets.errors import TargetError, TargetInputError
from targets.models import Quota, Target
from targets.services.history import store_former

MOST_PEOPLE = 1_000_000


@audited("target_set")
def set_target(
    *,
    by: Actor,
    indicator: Indicator,
    due_on: dt.date,
    minimum: int,
    legal_basis: str,
    target: Target | None = None,
) -> Target:
    """Enter a target of an indicator, or change ``target``, whose former values are kept as rows.

    Replays use what was believed at their instant. Raises TargetError: ``basis_missing``,
    ``target_out_of_range``, ``target_is_past``, ``target_withdrawn``, ``quota_after_target``,
    ``target_exists``.
    """
    if not legal_basis.strip():
        raise TargetError("basis_missing", _("Enter the decision that sets the target."))
    _require_in_range(indicator, minimum)
    _require_ahead(due_on)
    now = record_time.now()
    row = _to_change(target, due_on, now) if target else Target(indicator=indicator)
    row.due_on, row.minimum, row.legal_basis = due_on, minimum, legal_basis.strip()
    row.believed_from = now
    exists = _("This indicator already has a target for %(day)s.")
    exists %= {"day": formats.day(due_on)}
    with violation_as(TargetError, "target_exists", exists), transaction.atomic():
        row.save()
    audit_details(
        target=row.pk, indicator=row.indicator.slug, due_on=due_on.isoformat(), minimum=minimum
    )
    return row


@audited("target_withdrawn")
def withdraw_target(*, by: Actor, target: Target, reason: str) -> None:
    """The target is no longer believed from now on; its row stays for replays.

    Raises TargetError: ``reason_missing``, ``target_is_past``, ``target_withdrawn``,
    ``target_has_quotas``.
    """
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for withdrawing the target."))
    row = _locked(target)
    if quotas := row.quotas.current().count():
        message = _("This target has quotas (%(number)s): remove them first.")
        raise TargetError("target_has_quotas", message % {"number": formats.number(quotas)})
    row.believed_until = record_time.now()
    row.save(update_fields=["believed_until"])
    audit_details(
        target=row.pk,
        indicator=row.indicator.slug,
        due_on=row.due_on.isoformat(),
        minimum=row.minimum,
        reason=reason.strip()[:250],
    )


def _locked(target: Target) -> Target:
    rows = Target.objects.current().select_for_update(of=("self",)).select_related("indicator")
    row: Target | None = rows.filter(pk=target.pk).first()
    if row is None:
        raise TargetError("target_withdrawn", _("This target has been withdrawn in the meantime."))
    _require_ahead(row.due_on)
    return row


def _to_change(target: Target, due_on: dt.date, now: dt.datetime) -> Target:
    """The row to change, locked; its values until now are copied to a row of their own."""
    row = _locked(target)
    quotas = row.quotas.current()
    if any(_last_own_day(quota) > due_on for quota in quotas):
        message = _("Some quotas of this target are due after %(day)s: change them first.")
        raise TargetError("quota_after_target", message % {"day": formats.day(due_on)})
    if row.due_on != due_on:
        quotas.filter(due_on=None).update(last_reminder=Reminder.NONE)
    store_former(row, now)
    return row


def _last_own_day(quota: Quota) -> dt.date:
    """The last day that a plan names itself, whatever its target's."""
    days = [dt.date.fromisoformat(day) for day, _persons in quota.steps]
    return max([*days, quota.due_on or dt.date.min])


def _require_in_range(indicator: Indicator, minimum: int) -> None:
    is_percentage = indicator.unit == Unit.PERCENT
    most = 100 if is_percentage else MOST_PEOPLE
    if not 1 <= minimum <= most:
        message = _("A target of this indicator must be between 1 and %(most)s.")
        raise TargetError("target_out_of_range", message % {"most": formats.number(most)})


def _require_ahead(due_on: dt.date) -> None:
    if due_on < clock.today():
        message = _("The target for %(day)s cannot be changed: that day has passed.")
        raise TargetError("target_is_past", message % {"day": formats.day(due_on)})
