"""Calendar addresses by the API: one's own, each shown once."""

from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from courses.models import CalendarAddress
from tests.factories import make_enrollment, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user(Role.TRAINEE)


def path_of(answer: Any) -> str:
    address: str = answer.json()["address"]
    return address[address.index("/calendar/") :]


def test_an_address_is_given_once_and_not_listed(api, user) -> None:
    caller = api(user)
    made = caller.post("calendars/", {"scope": "own"})
    assert made.status_code == 201
    assert Client().get(path_of(made)).status_code == 200
    (listed,) = caller.get("calendars/").json()["results"]
    assert set(listed) == {"number", "scope", "run", "recorded_at"}
    assert api(make_user(Role.TRAINEE)).get("calendars/").json()["results"] == []


def test_a_class_is_named_by_whoever_takes_part(api, user) -> None:
    run = make_run()
    sent = {"scope": "run", "run": run.code}
    refused = api(user).post("calendars/", sent)
    assert (refused.status_code, refused.json()["code"]) == (400, "no_calendar")
    make_enrollment(run, make_trainee(user=user))
    made = api(User.objects.get(pk=user.pk)).post("calendars/", sent)
    assert made.json()["run"] == run.code
    assert Client().get(path_of(made)).text.count("BEGIN:VEVENT") == 2


def test_a_revoked_address_ends(api, user) -> None:
    caller = api(user)
    made = caller.post("calendars/", {"scope": "own"})
    number = made.json()["number"]
    stranger = api(make_user(Role.PROGRAMME_OFFICE))
    assert stranger.post(f"calendars/{number}/revoke/").status_code in (403, 404)
    assert caller.post(f"calendars/{number}/revoke/").status_code == 200
    assert Client().get(path_of(made)).status_code == 404
    assert not CalendarAddress.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"scope": "all"}, {"scope": "taught"}, {"scope": "run"}])
def test_a_calendar_of_nobody_is_refused(api, user, sent) -> None:
    assert api(user).post("calendars/", sent).status_code == 400
    assert not CalendarAddress.objects.exists()
