"""Dates as Vietnamese offices write them: printed, and read back without guessing.

Forms that are read: day/month/year with ``/``, ``-`` or ``.``, ISO year-month-day, both also with a
time of day, “ngày 05 tháng 3 năm 1980”, true dates and their serial numbers, bare years.
Month/day/year is never tried: a date that is impossible as day/month/year is a problem for its
writer to settle.
"""

import datetime as dt
import re

from common.clock import HANOI, today
from common.deferred_messages import DeferredMessage as _
from common.errors import InputError
from common.vietnamese import nfc

# A trainee is an official or an expert; beyond these ages the year is a slip of the pen.
YOUNGEST, OLDEST = 16, 100

_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 61, 73050  # 1900-03-01, before it spreadsheets disagree; 2099-12-31
_YEARS = range(1900, 2100)

# Without a zone: a time in another one may be of another day.
_TIME = r"(?:(?:T|\s+)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AP]M)?)?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}})\s*([/.-])\s*(\d{{1,2}})\s*\2\s*(\d{{4}}){_TIME}")
_YEAR_FIRST = re.compile(rf"(\d{{4}})([/.-])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
# Python's digits after the point; a plus sign in an address is read as a blank.
_MOMENT = re.compile(
    r"(?P<day>.{4,40}?)(?:T|\s)(?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"\s?(?P<zone>Z|[+-]?\d\d:?\d\d)?"
)
_IN_WORDS = re.compile(
    r"ng[àa]y\s+(\d{1,2})\s+th[áa]ng\s+(\d{1,2})\s+n[ăa]m\s+(\d{4})", re.IGNORECASE
)
_SERIAL = re.compile(r"[1-9][0-9]{4}")
_SHORT_YEAR = re.compile(r"\d{1,2}\s*([/.-])\s*\d{1,2}\s*\1\s*\d{2}")
_YEAR = re.compile(r"(?:19|20)\d{2}")


class DateError(InputError):
    pass


def format_date(day: dt.date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def format_long(day: dt.date) -> str:
    """The day as documents write it: ``ngày 05 tháng 3 năm 2026``.

    Days below 10 and months 1 and 2 take a leading zero (Decree 30/2020/NĐ-CP).
    """
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def parse_date(value: object) -> dt.date:
    """The date that a cell holds: true, serial number or text.

    Raises DateError: ``date_short_year``, ``date_impossible``, ``date_unreadable``.
    """
    parsed = parse_birth(value)
    if isinstance(parsed, int):
        raise _unreadable()
    return parsed


def parse_moment(value: str) -> dt.date | dt.datetime:
    """A day, or an instant as figures print it: a day with its time, in Hanoi or another zone.

    Raises DateError as ``parse_date`` does.
    """
    parts = _MOMENT.fullmatch(value.strip())
    day = parse_date(parts["day"] if parts else value)
    if parts is None:
        return day
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{_time(parts['time'])}{_zone(parts['zone'])}")
    except ValueError:
        raise _unreadable() from None
    return moment if moment.tzinfo else moment.replace(tzinfo=HANOI)


def _time(text: str) -> str:
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction:0<6}" if point else whole


def _zone(text: str | None) -> str:
    text = (text or "").strip()
    return f"+{text}" if text[:1].isdigit() else text


def parse_birth(value: object) -> dt.date | int:
    """The birth date, or only the year of birth, that a cell holds.

    Raises DateError: ``date_short_year``, ``date_impossible``, ``date_unreadable``.
    """
    match value:
        case dt.datetime():
            return value.date()
        case dt.date():
            return value
        case bool():
            raise _unreadable()
        case int() | float():
            return _from_number(value)
        case str():
            return _from_text(value)
    raise _unreadable()


def check_birth(birth: dt.date | int, on: dt.date | None = None) -> None:
    """Refuse a birth date (or year) in the future, or of somebody too young or too old.

    ``on`` is today, for those who ask about many.
    Raises DateError: ``birth_in_future``, ``birth_implausible``.
    """
    now = on or today()
    year = birth if isinstance(birth, int) else birth.year
    if year > now.year or (isinstance(birth, dt.date) and birth > now):
        raise DateError("birth_in_future", _("The birth date is in the future; correct the year."))
    if not YOUNGEST <= now.year - year <= OLDEST:
        reason = _(
            "According to the birth date the age is below %(youngest)s or above "
            "%(oldest)s; correct the year."
        )
        raise DateError("birth_implausible", reason % {"youngest": YOUNGEST, "oldest": OLDEST})


def day_and_month(text: str) -> tuple[int, int] | None:
    parts = _DAY_FIRST.fullmatch(text.strip().lstrip("'"))
    return (int(parts[1]), int(parts[3])) if parts else None


def serial_in(text: str) -> int | None:
    """Serial number of a date copied as text: five digits are no other form of date."""
    text = text.strip().lstrip("'")
    return int(text) if _SERIAL.fullmatch(text) else None


def _from_number(number: float) -> dt.date | int:
    # A serial number of 1900 to 2099 would be a birth in 1905: it is a year.
    if number in _YEARS:
        return int(number)
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return _SPREADSHEET_EPOCH + dt.timedelta(days=int(number))
    raise _unreadable()


def _from_text(text: str) -> dt.date | int:
    text = nfc(text).strip().lstrip("'")
    if _YEAR.fullmatch(text):
        return int(text)
    if (serial := serial_in(text)) is not None:
        return _from_number(serial)
    if parts := _IN_WORDS.fullmatch(text):
        return _day(year=parts[3], month=parts[2], day=parts[1])
    if parts := _DAY_FIRST.fullmatch(text):
        return _day(year=parts[4], month=parts[3], day=parts[1])
    if parts := _YEAR_FIRST.fullmatch(text):
        return _day(year=parts[1], month=parts[3], day=parts[4])
    if _SHORT_YEAR.fullmatch(text):
        raise DateError(
            "date_short_year", _("The year has only two digits; write all four, as in 05/03/1980.")
        )
    raise _unreadable()


def _day(*, year: str, month: str, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise DateError(
            "date_impossible",
            _("This date does not exist; write day/month/year, as in 05/03/1980."),
        ) from None


def _unreadable() -> DateError:
    return DateError(
        "date_unreadable",
        _("This date cannot be read; write day/month/year, as in 05/03/1980."),
    )
