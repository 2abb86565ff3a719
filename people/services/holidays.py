import datetime as dt

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from people.errors import PeopleError
from people.models import Holiday

LONGEST = 31  # days of one entry: a typing mistake must not stop the clock for a year


@audited("holidays_entered")
def enter_holidays(*, by: Actor, first: dt.date, last: dt.date | None, name: str) -> None:
    """Enter a range of days, or one without ``last``; one entered before gets the new name.

    Deadlines that were promised already stay. Raises PeopleError ``bad_days``.
    """
    last = last or first
    days = (last - first).days + 1
    if not 1 <= days <= LONGEST:
        raise PeopleError(
            "bad_days",
            _("Enter one to %(most)d days, the first day first.") % {"most": LONGEST},
        )
    Holiday.objects.bulk_create(
        [Holiday(day=first + dt.timedelta(days=n), name=name) for n in range(days)],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["name"],
    )
    audit_details(first=first, last=last, name=name)


@audited("holiday_removed")
def remove_holiday(*, by: Actor, holiday: Holiday) -> None:
    audit_details(day=holiday.day, name=holiday.name)
    holiday.delete()
