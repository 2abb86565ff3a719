"""What coordinators hear each month of their people who are not yet trained."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from agencies.models import Agency
from audit.services import SYSTEM
from common import clock
from competencies.message_kinds import UNTRAINED
from competencies.services.reminders import remind_of_untrained
from notices.models import Notice
from notices.services.reminders import change_days
from tests.competencies.factories import make_audience
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_run,
    make_trainee,
)

pytestmark = pytest.mark.django_db
FIFTH = dt.date(2026, 6, 5)


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> Iterator[None]:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    with clock.set_to(FIFTH):
        yield


@pytest.fixture
def agency() -> Agency:
    """Of three leaders one has completed the course that they should; a specialist should not."""
    agency, course = make_agency("bo-a"), make_course("AI")
    with clock.set_to(dt.date(2026, 5, 1)):
        people = [make_trainee(agency, position="Vụ trưởng") for _one in range(3)]
        make_trainee(agency, position="Chuyên viên")
        make_completion(people[0], make_run(course), completed_on=dt.date(2026, 5, 1))
        make_audience("leaders", "Lãnh đạo", positions=["vụ trưởng"], courses=[course])
    return agency


def test_a_coordinator_reads_once_a_month_how_many_of_each_audience_are_not_trained(
    agency, settings: Any
):
    user = make_coordinator(agency)
    make_coordinator(make_agency())  # of nobody
    assert (remind_of_untrained(), remind_of_untrained()) == (1, 0)
    notice = Notice.objects.get()
    assert (notice.kind, notice.account) == ("audiences_untrained", user)
    assert f"Lãnh đạo: 2 / 3 – {settings.SITE_URL}/people/?untrained=leaders" in notice.body
    with clock.set_to(dt.date(2026, 7, 4)):
        assert remind_of_untrained() == 0
    with clock.set_to(dt.date(2026, 7, 5)):
        assert remind_of_untrained() == 1


def test_the_message_names_nobody(agency):
    make_coordinator(agency)
    remind_of_untrained()
    body = Notice.objects.get().body
    assert not [one for one in agency.trainees.all() if one.full_name in body or one.code in body]


def test_a_coordinator_of_two_agencies_reads_the_sum(agency):
    user, other = make_coordinator(agency), make_agency("bo-b")
    user.coordinatorships.create(agency=other)
    make_trainee(other, position="Vụ trưởng")
    assert remind_of_untrained() == 1
    assert "Lãnh đạo: 3 / 4" in Notice.objects.get().body


def test_the_office_may_switch_it_off_or_choose_another_day(agency):
    make_coordinator(agency)
    change_days(by=SYSTEM, kind=UNTRAINED, days=None)
    assert remind_of_untrained() == 0
    change_days(by=SYSTEM, kind=UNTRAINED, days=6)
    assert remind_of_untrained() == 0
    with clock.set_to(dt.date(2026, 6, 6)):
        assert remind_of_untrained() == 1


def test_the_command_says_how_many_of_each_audience_are_trained(agency, capsys: Any):
    call_command("audiences", "--json", "--agencies")
    (found,) = json.loads(capsys.readouterr().out)["audiences"]
    figures = {"members": 3, "trained": 1, "untrained": 2}
    assert {name: found[name] for name in ("slug", *figures)} == {"slug": "leaders", **figures}
    assert found["agencies"] == [{"agency": "bo-a", **figures}]
    call_command("audiences")
    assert capsys.readouterr().out.startswith("leaders, Lãnh đạo: ")
