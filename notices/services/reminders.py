"""When reminders are sent, and that each is sent once."""

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.bulk import batches
from notices.errors import NoticeInputError
from notices.kinds import MessageKind, message_kinds
from notices.models import ReminderDays, SentReminder

BATCH = 1_000


def days_of(kind: MessageKind) -> int | None:
    """None where the office wants no such reminder."""
    if kind.days is None:
        return None
    changed = ReminderDays.objects.filter(kind=kind.name).first()
    return changed.days if changed else kind.days.default


def all_days() -> list[tuple[MessageKind, int | None]]:
    """Every reminder whose day the office decides."""
    latest = dict(ReminderDays.objects.order_by("id").values_list("kind", "days"))
    return [
        (kind, latest.get(name, kind.days.default)) for name, kind in message_kinds if kind.days
    ]


@audited("reminder_days_changed")
def change_days(*, by: Actor, kind: MessageKind, days: int | None) -> ReminderDays:
    """None: no such reminder. Error: ``days_out_of_range``."""
    allowed = kind.days
    if allowed is None or not (days is None or allowed.least <= days <= allowed.most):
        least, most = (allowed.least, allowed.most) if allowed else (0, 0)
        text = _("Enter a number of days from %(least)s to %(most)s.")
        raise NoticeInputError("days_out_of_range", text % {"least": least, "most": most})
    audit_details(kind=kind.name, before=days_of(kind), days=days)
    return ReminderDays.objects.create(kind=kind.name, days=days, changed_by=by.label)


def forget(kind: MessageKind, occasions: Iterable[str]) -> None:
    """Whoever is concerned is reminded once more where there is cause again."""
    SentReminder.objects.filter(kind=kind.name, occasion__in=list(occasions)).delete()


def claim(kind: MessageKind, occasions: Iterable[str]) -> set[str]:
    """Those of the occasions that nobody was reminded of; from now on somebody was.

    To be called in the transaction that writes the messages: whatever else runs at the same time,
    each occasion is returned once.
    """
    mark = uuid.uuid4()
    for some in batches(dict.fromkeys(occasions), BATCH):
        rows = [SentReminder(kind=kind.name, occasion=occasion, claim=mark) for occasion in some]
        SentReminder.objects.bulk_create(rows, ignore_conflicts=True)
    return set(SentReminder.objects.filter(claim=mark).values_list("occasion", flat=True))
