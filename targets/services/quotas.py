import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import record_time
from common.constraints import violation_as
from common.dates import format_date
from competencies.models import Audience
from targets.choices import Reminder
from targets.errors import TargetError, TargetInputError
from targets.models import AudienceStep, Quota, Step, Target
from targets.services.history import store_former


@audited("quota_set")
def set_quota(
    *,
    by: Actor,
    target: Target,
    agency: Agency,
    minimum: int,
    due_on: dt.date | None = None,
    lead_unit: str = "",
    cooperating_units: str = "",
    steps: Sequence[Step] = (),
    audience_steps: Sequence[AudienceStep] = (),
    reason: str = "",
    quota: Quota | None = None,
) -> Quota:
    """Enter an agency's part of a target with the steps to it, or change ``quota`` for a reason.

    Former versions are kept; reminders start again. Raises TargetError: ``quota_too_small``,
    ``quota_after_target``, ``agency_counts_for_none``, ``steps_not_rising``, ``step_too_late``,
    ``unknown_audience``, ``reason_missing``, ``quota_exists``, ``quota_removed``.
    """
    _require_part_of(target, agency, minimum, due_on)
    last = Step(due_on or target.due_on, minimum)
    _require_rising([*steps, last])
    _require_parts(audience_steps, last)
    row = _to_change(quota, reason) if quota else Quota(change_reason=reason.strip())
    row.believed_from = record_time.now()
    _fill(
        row,
        target=target,
        agency=agency,
        minimum=minimum,
        due_on=due_on,
        steps=[[step.day.isoformat(), step.persons] for step in steps],
        audience_steps=[
            [step.audience, step.day.isoformat(), step.persons] for step in audience_steps
        ],
        lead_unit=lead_unit.strip(),
        cooperating_units=cooperating_units.strip(),
    )
    audit_details(
        agency=agency.slug,
        target=target.due_on.isoformat(),
        minimum=minimum,
        steps=row.steps,
        audience_steps=row.audience_steps,
        reason=row.change_reason,
    )
    return row


def _require_part_of(target: Target, agency: Agency, minimum: int, due_on: dt.date | None) -> None:
    if minimum < 1:
        raise TargetError("quota_too_small", _("A quota must be at least one person."))
    if due_on and due_on > target.due_on:
        message = _("The target is due on %(day)s: its quotas cannot be due later.")
        raise TargetError("quota_after_target", message % {"day": format_date(target.due_on)})
    if not agency.sector:
        message = _("People sent by %(agency)s do not count towards any target.")
        raise TargetError("agency_counts_for_none", message % {"agency": agency.name})


def _require_rising(plan: Sequence[Step]) -> None:
    last = plan[-1]
    for before, step in pairwise(plan):
        if step is last and before.day >= step.day:
            message = _("The step of %(day)s must lie before the deadline, %(last)s.")
            what = {"day": format_date(before.day), "last": format_date(last.day)}
            raise TargetError("step_too_late", message % what)
        if before.day >= step.day or not 0 <= before.persons <= step.persons:
            raise _not_rising(step)


def _require_parts(steps: Sequence[AudienceStep], last: Step) -> None:
    """Each audience's steps rise in time, and end within the quota."""
    wanted = {step.audience for step in steps}
    known = set(Audience.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    if unknown := sorted(wanted - known):
        text = _("There is no audience with the short name %(slug)s.") % {"slug": unknown[0]}
        raise TargetInputError("unknown_audience", text)
    for slug in wanted:
        own = [Step(step.day, step.persons) for step in steps if step.audience == slug]
        for before, step in pairwise([Step(dt.date.min, 0), *own]):
            if step.day <= before.day or not before.persons <= step.persons <= last.persons:
                raise _not_rising(step)
        if own[-1].day > last.day:
            raise _not_rising(own[-1])


def _not_rising(step: Step) -> TargetError:
    text = _(
        "Each step must be of a later day and of at least as many people as the one "
        "before, up to the quota: see %(day)s."
    )
    return TargetError("steps_not_rising", text % {"day": format_date(step.day)})


def _to_change(quota: Quota, reason: str) -> Quota:
    """The row, locked, with its former values stored."""
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for changing the quota."))
    row = _locked(quota)
    store_former(row, record_time.now())
    row.change_reason = reason.strip()
    return row


def _locked(quota: Quota) -> Quota:
    rows = Quota.objects.current().select_for_update()
    row: Quota | None = rows.filter(pk=quota.pk).first()
    if row is None:
        message = _("This quota has been removed in the meantime.")
        raise TargetError("quota_removed", message)
    return row


def _fill(row: Quota, **values: Any) -> None:
    for name, value in (values | {"last_reminder": Reminder.NONE}).items():
        setattr(row, name, value)
    exists = _("This agency already has a quota of this target.")
    with violation_as(TargetError, "quota_exists", exists), transaction.atomic():
        row.save()


@audited("quota_removed")
def remove_quota(*, by: Actor, quota: Quota, reason: str) -> None:
    """The quota is no longer believed from now on; its row stays for replays.

    Raises TargetError: ``reason_missing``, ``quota_removed``.
    """
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for removing the quota."))
    row = _locked(quota)
    row.believed_until = record_time.now()
    row.save(update_fields=["believed_until"])
    audit_details(
        agency=quota.agency.slug,
        target=quota.target.due_on.isoformat(),
        minimum=quota.minimum,
        reason=reason.strip(),
    )
