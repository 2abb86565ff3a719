"""What people hear of tests by the clock: that one is open, and once more before it closes."""

import datetime as dt
from typing import Any

import pytest

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from courses.choices import RunState
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from learning.choices import Stage
from learning.models import CourseTest
from learning.services.course_tests import set_window, withdraw_test
from learning.services.rounds import tell_of_tests
from notices.models import Notice
from people.services.merges import merge
from tests.factories import make_course, make_enrollment, make_run, make_trainee, make_user
from tests.learning.test_attempts import begin, make_test, take

pytestmark = pytest.mark.django_db
FIRST = dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)  # of ``make_run``, which lasts two days


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"


def make_class(people: int = 2, **fields: Any) -> tuple[CourseTest, list[Enrollment]]:
    run = make_run(make_course(), state=RunState.RUNNING)
    accounts = [make_trainee(user=make_user(Role.TRAINEE)) for _one in range(people)]
    return make_test(run, **fields), [make_enrollment(run, one) for one in accounts]


def open_between(test: CourseTest, seat: Enrollment, opens: dt.datetime, days: int) -> None:
    set_window(
        by=SYSTEM,
        run=seat.run,
        test=test,
        stage=Stage.AFTER,
        opens_at=opens,
        closes_at=opens + dt.timedelta(days=days),
    )


def sent_at(moment: dt.datetime) -> list[tuple[str, str]]:
    """Kind and reader of what is sent then."""
    known = set(Notice.objects.values_list("pk", flat=True))
    with clock.set_to(moment):
        tell_of_tests()
        tell_of_tests()  # again, nothing
    new = Notice.objects.exclude(pk__in=known).order_by("pk")
    return list(new.values_list("kind", "account__email"))


def email(seat: Enrollment) -> str:
    assert seat.trainee.user
    return seat.trainee.user.email


def test_whoever_has_a_seat_hears_once_that_a_test_is_open(settings: Any) -> None:
    test, seats = make_class()
    open_between(test, seats[0], FIRST, days=7)
    assert sent_at(FIRST - dt.timedelta(minutes=1)) == []
    assert sent_at(FIRST) == [("test_open", email(one)) for one in seats]
    body = Notice.objects.latest("pk").body
    assert f"{settings.SITE_URL}/runs/{seats[0].run.code}/tests/{test.pk}/" in body
    assert "17/03/2026 08:00" in body
    late = make_enrollment(seats[0].run, make_trainee(user=make_user(Role.TRAINEE)))
    assert sent_at(FIRST + dt.timedelta(hours=1)) == [("test_open", email(late))]


def test_only_who_has_not_handed_it_in_is_reminded_before_it_closes() -> None:
    test, (done, under_way, untouched) = make_class(people=3)
    open_between(test, done, FIRST, days=7)
    with clock.set_to(FIRST):
        tell_of_tests()
        take(done, test, 1)
        begin(under_way, test)
    assert sent_at(FIRST + dt.timedelta(days=4)) == []
    reminded = [("test_reminder", email(one)) for one in (under_way, untouched)]
    assert sent_at(FIRST + dt.timedelta(days=5)) == reminded
    assert sent_at(FIRST + dt.timedelta(days=8)) == []


def test_nobody_is_reminded_on_the_day_on_which_a_test_opens() -> None:
    test, (seat, _other) = make_class()
    open_between(test, seat, FIRST, days=1)
    kinds = {kind for kind, _reader in sent_at(FIRST + dt.timedelta(hours=3))}
    assert kinds == {"test_open"}


def test_each_stage_of_a_test_is_told_of_by_itself() -> None:
    _test, seats = make_class(people=1, is_asked_before=True)
    assert len(sent_at(FIRST - dt.timedelta(days=3))) == 1  # the test before the class
    assert len(sent_at(FIRST)) == 2  # that after it opens, and that before it closes today
    assert seats


def test_a_person_in_two_classes_with_the_same_test_hears_of_it_once() -> None:
    test, (seat,) = make_class(people=1)
    other = make_enrollment(make_run(test.course, state=RunState.RUNNING), seat.trainee)
    open_between(test, seat, FIRST, days=7)
    open_between(test, other, FIRST + dt.timedelta(hours=1), days=6)
    assert sent_at(FIRST + dt.timedelta(hours=2)) == [("test_open", email(seat))]
    reminded = sent_at(FIRST + dt.timedelta(days=5, hours=1))
    assert reminded == [("test_reminder", email(seat))]
    assert other.run.code in Notice.objects.latest("pk").body  # which closes first


def test_a_person_with_two_seats_in_a_class_hears_of_its_test_once_until_it_is_done() -> None:
    test, seats = make_class()
    first, second = (seat.trainee for seat in seats)
    with clock.set_to(FIRST - dt.timedelta(days=1)):
        merge(by=PROGRAMME_OFFICE, survivor=first, absorbed=second)
    open_between(test, seats[0], FIRST, days=7)
    assert [kind for kind, _reader in sent_at(FIRST)] == ["test_open"]
    with clock.set_to(FIRST):
        take(seats[1], test, 1)
    assert sent_at(FIRST + dt.timedelta(days=5)) == []


@pytest.mark.parametrize("gone", ["no seat", "no account", "closed class", "withdrawn test"])
def test_who_cannot_take_a_test_hears_nothing(gone: str) -> None:
    test, (seat,) = make_class(people=1)
    if gone == "no seat":
        Enrollment.objects.update(state=EnrollmentState.WITHDRAWN)
    elif gone == "no account":
        seat.trainee.user = None
        seat.trainee.save()
    elif gone == "closed class":
        seat.run.state = RunState.CLOSED
        seat.run.save()
    else:
        withdraw_test(by=SYSTEM, test=test)
    assert sent_at(FIRST) == []
