"""Attendance from the log of an online meeting."""

import datetime as dt

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance
from enrollment.services.conference import LogOutcome, record_conference_log
from enrollment.sheets.conference import read_conference_log
from tests.factories import make_enrollment, make_run, make_trainee

pytestmark = pytest.mark.django_db
HEAD = "Name,Email,Join time,Leave time\n"


def refused(code: str):
    return pytest.raises(EnrollmentError, check=lambda error: error.code == code)


@pytest.fixture
def run():
    """A session on 10/03/2026 from 8 to 11, with An (known by e-mail), Bình and two called Chi."""
    run = make_run(sessions=1)
    for name, email in (("Lê An", "an@x.vn"), ("Lê Bình", ""), ("Lê Chi", ""), ("Lê Chi", "")):
        make_enrollment(run, make_trainee(full_name=name, email=email))
    return run


def record(run, text: str, *, minutes: int = 90, zone: str = "Asia/Ho_Chi_Minh") -> LogOutcome:
    stays = read_conference_log((HEAD + text).encode(), zone=zone)
    return record_conference_log(
        by=OFFICE, session=run.sessions.get(), stays=stays, minutes=minutes
    )


def test_stays_add_up_and_two_devices_count_once(run) -> None:
    outcome = record(
        run,
        "x,AN@x.vn,2026-03-10 08:05,2026-03-10 09:00\n"
        "x,an@x.vn,2026-03-10 08:30,2026-03-10 09:10\n"
        "x,an@x.vn,10/03/2026 10:00,10/03/2026 10:25\n"
        "Lê Bình,,2026-03-10 08:20,2026-03-10 10:00\n",
    )
    assert outcome == LogOutcome(present=1, late=1, too_short=0, unknown=())
    marks = dict(Attendance.objects.values_list("enrollment__trainee__full_name", "mark"))
    assert marks == {"Lê An": "present", "Lê Bình": "late"}
    assert set(Attendance.objects.values_list("evidence", flat=True)) == {"conference_log"}


def test_whoever_stays_too_short_gets_no_mark(run) -> None:
    outcome = record(run, "Lê Bình,,2026-03-10 07:00,2026-03-10 09:29\n")
    assert (outcome.too_short, Attendance.objects.count()) == (1, 0)


def test_strangers_and_shared_names_are_reported(run) -> None:
    outcome = record(
        run,
        "Ai Đó,,2026-03-10 08:00,2026-03-10 11:00\nLê Chi,,2026-03-10 08:00,2026-03-10 11:00\n",
    )
    assert outcome.unknown == ("Ai Đó", "Lê Chi")


def test_a_log_in_another_time_zone_names_the_difference_in_hours(run) -> None:
    row = "Lê Bình,,2026-03-10 01:00,2026-03-10 04:00\n"
    with pytest.raises(EnrollmentError, match=r"\+7") as error:
        record(run, row)
    assert error.value.code == "wrong_time_zone"
    assert not Attendance.objects.exists()
    assert record(run, row, zone="UTC").present == 1


def test_an_offset_in_the_log_itself_is_used(run) -> None:
    assert record(run, "Lê Bình,,2026-03-10T01:00:00Z,2026-03-10T04:00:00Z\n").present == 1


def test_a_log_of_another_day_is_refused(run) -> None:
    with refused("another_day"):
        record(run, "Lê Bình,,2026-03-12 08:00,2026-03-12 11:00\n")


@pytest.mark.parametrize("minutes", [0, 181])
def test_more_minutes_than_the_session_has_are_refused(run, minutes) -> None:
    with refused("bad_minutes"):
        record(run, "Lê Bình,,2026-03-10 08:00,2026-03-10 11:00\n", minutes=minutes)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Lê Bình,,03/25/2026 08:00,2026-03-10 11:00", "bad_row"),
        ("Lê Bình,,2026-03-10 11:00,2026-03-10 08:00", "bad_row"),
        ("Lê Bình,,0001-01-01T00:00+14:00,9999-12-31T23:59-12:00", "bad_row"),
    ],
)
def test_a_bad_row_is_named(run, row, code) -> None:
    with pytest.raises(EnrollmentError, match="2") as error:
        record(run, row + "\n")
    assert error.value.code == code


def test_unknown_zones_and_headings_are_refused(run) -> None:
    with refused("unknown_zone"):
        record(run, "", zone="Mars/Phobos")
    with refused("no_known_columns"):
        read_conference_log(b"a,b\n1,2\n")


def test_a_log_is_taken_only_when_the_session_has_begun(run) -> None:
    with clock.set_to(dt.date(2026, 3, 1)), refused("session_not_begun"):
        record(run, "Lê Bình,,2026-03-10 08:00,2026-03-10 11:00\n")
