"""Working days: Monday to Friday but public holidays (Labour Code 45/2019/QH14, article 112)."""

import datetime as dt
from collections.abc import Collection

# Those that fall on the same day every year; Tết and the Hùng Kings' day follow the moon and,
# with the days off in lieu, are given by the caller.
_FIXED = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
_SATURDAY = 5


def is_working_day(day: dt.date, holidays: Collection[dt.date] = ()) -> bool:
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED and day not in holidays


def working_days_after(day: dt.date, number: int, holidays: Collection[dt.date] = ()) -> dt.date:
    while number > 0:
        day += dt.timedelta(days=1)
        number -= is_working_day(day, holidays)
    return day
