"""Lists that are made ready every month: saved with their rows and columns, asked for in time."""

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import STAFF, Role
from accounts.models import User
from agencies.models import Agency
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock
from common.errors import DomainError
from rosters.errors import RosterInputError
from rosters.exporting.chosen_rows import scope_of
from rosters.exporting.export_requests import request_export
from rosters.models import ListSchedule

logger = logging.getLogger(__name__)

MOST: Final = 20  # of one user


@audited("list_scheduled")
def schedule_list(*, by: Actor, user: User, name: str, wanted: Mapping[str, Any]) -> ListSchedule:
    """Save a list to be made ready from the next month on.

    Raises RosterError ``numbers_not_scheduled``, ``too_many_schedules``.
    """
    if wanted.get("reason"):
        raise RosterInputError(
            "numbers_not_scheduled",
            _("A monthly list never has full personal numbers; leave the reason blank."),
        )
    if user.list_schedules.count() >= MOST:
        message = _("You have %(most)s monthly lists already; delete one of them.")
        raise RosterInputError("too_many_schedules", message % {"most": MOST})
    audit_details(list=name[:80], scope=scope_of(wanted))
    chosen: Any = dict(wanted)
    return ListSchedule.objects.create(
        owner=user, name=name[:80], wanted=chosen, last_month=_month(clock.today())
    )


@audited("list_schedule_changed")
def change_schedule(
    *, by: Actor, schedule: ListSchedule, name: str, day: int, month_before: bool
) -> None:
    schedule.name, schedule.day, schedule.month_before = name, day, month_before
    schedule.save(update_fields=["name", "day", "month_before"])
    audit_details(list=name, day=day)


@audited("list_schedule_paused")
def pause(*, by: Actor, schedule: ListSchedule) -> None:
    _set_paused(schedule, clock.now())


@audited("list_schedule_resumed")
def resume(*, by: Actor, schedule: ListSchedule) -> None:
    _set_paused(schedule, None)


@audited("list_schedule_removed")
def remove(*, by: Actor, schedule: ListSchedule) -> None:
    audit_details(list=schedule.name)
    schedule.delete()


def _set_paused(schedule: ListSchedule, at: dt.datetime | None) -> None:
    audit_details(list=schedule.name)
    schedule.paused_at = at
    schedule.save(update_fields=["paused_at"])


def prepare_due() -> int:
    """Ask for the lists whose day has come; how many. Each is asked for once a month."""
    today = clock.today()
    due = ListSchedule.objects.filter(paused_at=None, day__lte=today.day)
    found = due.exclude(last_month=_month(today)).select_related("owner")
    return sum(_prepare(schedule, today) for schedule in found)


@transaction.atomic
def _prepare(schedule: ListSchedule, today: dt.date) -> bool:
    rows = ListSchedule.objects.filter(pk=schedule.pk, paused_at=None)
    # Whoever sets the month asks for the list: two workers never both do.
    if not rows.exclude(last_month=_month(today)).update(last_month=_month(today)):
        return False
    if not _is_in_office(schedule.owner):
        pause(by=SYSTEM, schedule=schedule)
        return False
    try:
        with transaction.atomic(), translation.override(schedule.owner.language or "vi"):
            wanted = _wanted_in(schedule, today)
            request_export(by=schedule.owner.as_actor(), user=schedule.owner, wanted=wanted)
    except DomainError as error:
        logger.warning("monthly list %s was not asked for: %s", schedule.pk, error.code)
        pause(by=SYSTEM, schedule=schedule)
        return False
    return True


def _is_in_office(user: User) -> bool:
    """Whether the user's role gives them lists today; a coordinator's term may be over."""
    if not user.is_active or not user.has_role(*STAFF):
        return False
    others = [role for role in STAFF if role != Role.COORDINATOR]
    return user.has_role(*others) or bool(Agency.objects.visibility_of(user).visible)


def _wanted_in(schedule: ListSchedule, today: dt.date) -> dict[str, Any]:
    wanted: dict[str, Any] = dict(schedule.wanted)
    if schedule.month_before:
        last = today.replace(day=1) - dt.timedelta(days=1)
        wanted |= {"since": last.replace(day=1).isoformat(), "until": last.isoformat()}
    return wanted


def _month(day: dt.date) -> str:
    return f"{day:%Y-%m}"
