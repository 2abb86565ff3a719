"""One's own notifications by the API."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.choices import Role
from common import clock
from notices.models import Notice
from tests.api.conftest import Visitor
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def notice_of(user, **values):
    return Notice.objects.create(recipient=user.email, account=user, **{"subject": "s"} | values)


def test_the_list_shows_ones_own_alone_latest_first():
    user, other = make_user(Role.TRAINEE), make_user(Role.TRAINEE)
    first, second = notice_of(user, body="Kính gửi", path="/my/"), notice_of(user)
    notice_of(other)
    rows = Visitor(user).get("notifications/").json()["results"]
    assert [row["id"] for row in rows] == [second.pk, first.pk]
    assert (rows[1]["text"], rows[1]["page"], rows[1]["read_at"]) == ("Kính gửi", "/my/", None)


def test_filters_narrow_the_list():
    user = make_user(Role.TRAINEE)
    read = notice_of(user, read_at=timezone.now(), kind="class_reminder")
    notice_of(user)
    visitor = Visitor(user)
    by_state = visitor.get("notifications/?unread=false").json()["results"]
    by_kind = visitor.get("notifications/?kind=class_reminder").json()["results"]
    assert [row["id"] for row in by_state] == [row["id"] for row in by_kind] == [read.pk]
    assert visitor.get("notifications/?unraed=true").status_code == 400


@pytest.mark.both_engines
def test_a_filter_by_days_takes_in_the_last_from_midnight_to_midnight_in_hanoi():
    user = make_user(Role.TRAINEE)
    start = clock.start_of_day(dt.date(2026, 3, 10))
    seconds = (-1, 0, 24 * 3600 - 1, 24 * 3600)
    rows = [notice_of(user, created_at=start + dt.timedelta(seconds=one)) for one in seconds]
    day = "notifications/?created_from=2026-03-10&created_to=2026-03-10"
    found = Visitor(user).get(day).json()["results"]
    assert [row["id"] for row in found] == [rows[2].pk, rows[1].pk]


def test_what_is_for_the_mailbox_alone_has_no_text():
    user = make_user(Role.TRAINEE)
    notice_of(user, kind="security", body="bí mật")
    notice_of(user, link_kind="password_reset", body="[[link]]")
    notice_of(user, rights="0" * 64, body="Nguyễn Thị Ánh")
    answer = Visitor(user).get("notifications/").content.decode()
    assert "bí mật" not in answer
    assert "[[link]]" not in answer
    assert "Nguyễn Thị Ánh" not in answer


def test_one_is_marked_as_read_and_then_all():
    user, other = make_user(Role.TRAINEE), make_user(Role.TRAINEE)
    first, _second, foreign = notice_of(user), notice_of(user), notice_of(other)
    visitor = Visitor(user)
    assert visitor.post(f"notifications/{first.pk}/read/", {}).json()["read_at"]
    assert visitor.post(f"notifications/{foreign.pk}/read/", {}).status_code == 404
    assert visitor.post("notifications/read/", {}).json() == {"read": 1}
    assert list(Notice.objects.unread()) == [foreign]
