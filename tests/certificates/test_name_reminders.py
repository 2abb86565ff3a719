"""Whoever has not confirmed the printed name is reminded, once for each completion."""

import datetime as dt

import pytest

from audit.services import SYSTEM
from certificates.message_kinds import NAME_UNCONFIRMED
from certificates.services.holders import confirm_name
from certificates.services.name_reminders import remind_of_names
from common import clock
from enrollment.choices import EnrollmentState, Evidence
from notices.models import Notice
from people.models import Trainee
from tests.architecture.world import make_certificate
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 3, 12, 5, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    with clock.set_to(NOON):
        yield


@pytest.fixture
def completion():
    person = make_trainee(
        full_name="Lê Thị Hoa", user=make_user(email="hoa@example.gov.vn", language="vi")
    )
    enrollment = make_enrollment(make_run(), person, state=EnrollmentState.COMPLETED)
    return make_completion(person, enrollment.run, enrollment=enrollment)


def later(days: int):
    return clock.set_to(NOON + dt.timedelta(days=days))


def test_the_person_is_reminded_once_and_reads_the_name(completion):
    assert remind_of_names() == 0
    with later(2):
        assert (remind_of_names(), remind_of_names()) == (1, 0)
    notice = Notice.objects.get(kind=NAME_UNCONFIRMED.name)
    assert notice.recipient == "hoa@example.gov.vn"
    assert "in họ tên Lê Thị Hoa" in notice.body


def test_whoever_has_confirmed_is_not_reminded(completion):
    confirm_name(by=SYSTEM, trainee=completion.trainee)
    with later(3):
        assert remind_of_names() == 0


def test_whoever_has_confirmed_is_asked_again_once_the_name_is_corrected(completion):
    with later(2):
        assert remind_of_names() == 1
    confirm_name(by=SYSTEM, trainee=completion.trainee)
    with later(3):
        assert remind_of_names() == 0
    Trainee.objects.filter(pk=completion.trainee_id).update(full_name="Lê Thị Hòa")
    with later(4):
        assert (remind_of_names(), remind_of_names()) == (1, 0)
    assert "Lê Thị Hòa" in Notice.objects.latest("pk").body


def test_whoever_has_a_certificate_is_not_reminded(completion):
    make_certificate(completion)
    with later(3):
        assert remind_of_names() == 0


def test_completions_of_the_past_stay_silent(completion):
    with later(120):
        assert remind_of_names() == 0


def test_results_on_paper_stay_silent(completion):
    make_completion(completion.trainee, make_run(), evidence=Evidence.PAPER)
    with later(3):
        assert remind_of_names() == 1  # of the other completion
