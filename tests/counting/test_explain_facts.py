"""The page that explains says what was reached of what is required, and leads to it."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Enrollment
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed() -> Enrollment:
    """Attended three of four sessions, of which 80 % are required."""
    run = make_run(sessions=4)
    enrollment = make_enrollment(run, make_trainee(make_agency("own")))
    for session, mark in zip(run.sessions.order_by("number"), ["present"] * 3, strict=False):
        Attendance.objects.create(
            enrollment=enrollment,
            session=session,
            mark=Mark(mark),
            evidence=Evidence.TRAINERS_MARK,
            recorded_by="test",
        )
    run.state = RunState.CLOSED
    run.save()
    Enrollment.objects.filter(pk=enrollment.pk).update(state=EnrollmentState.NOT_COMPLETED)
    return enrollment


def page_for(user, enrollment: Enrollment) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get(reverse("explain", args=[enrollment.trainee.code]))
    assert answer.status_code == 200
    return str(answer.content.decode()).replace("&nbsp;", " ")


def office():
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


def test_what_was_reached_stands_beside_what_is_required(failed):
    page = page_for(office(), failed)
    assert "75 % attendance, 80 % required" in page
    assert "attended 3 of 4 sessions" in page
    assert "Session 4" in page
    assert "Session 3" not in page, "only what was missed"
    assert "<svg" in page


def test_class_and_attendance_are_a_press_away_and_so_is_the_way_back(failed):
    page = page_for(office(), failed)
    for name, argument in (
        ("run", failed.run.code),
        ("run_attendance", failed.run.code),
        ("person", failed.trainee.code),
    ):
        assert f'href="{reverse(name, args=[argument])}"' in page


def test_a_trainee_reads_the_facts_and_returns_to_their_own_page(failed):
    user = make_user(Role.TRAINEE)
    failed.trainee.user = user
    failed.trainee.save()
    page = page_for(user, failed)
    assert "75 % attendance, 80 % required" in page
    assert f'href="{reverse("my")}"' in page
    assert reverse("run_attendance", args=[failed.run.code]) not in page
    assert reverse("person", args=[failed.trainee.code]) not in page


def asked_at(user, page: str) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    address = re.search(r'href="([^"]+)">Request a correction', page)
    assert address
    assert client.get(unescape(address[1])).status_code == 200
    sent = {"kind": "correct", "text": "About session 4: I was there."}
    return client.post(unescape(address[1]).partition("#")[0], sent, follow=True)


def test_whoever_is_not_counted_requests_a_correction_from_where_they_read_why(failed):
    user = make_user(Role.TRAINEE)
    failed.trainee.user = user
    failed.trainee.save()
    answer = asked_at(user, page_for(user, failed))
    assert "Received. The programme office will reply by" in answer.content.decode()
    asked = failed.trainee.data_requests.get()
    assert (asked.kind, asked.text) == ("correct", "About session 4: I was there.")


def test_a_coordinator_requests_a_correction_or_makes_it(failed):
    user = make_coordinator(failed.trainee.agency)
    page = page_for(user, failed)
    assert reverse("correct_person", args=[failed.trainee.code]) in page
    answer = asked_at(user, page)
    assert "A reply is due by" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("explain", args=[failed.trainee.code])
    assert failed.trainee.data_requests.get().kind == "correct"


def test_a_coordinator_asks_for_a_correction_and_for_nothing_else(failed):
    client = Client()
    client.force_login(make_coordinator(failed.trainee.agency))
    sent = {"kind": "erase", "text": "Delete it", "received_on": "2020-01-01"}
    client.post(reverse("record_request", args=[failed.trainee.code]), sent)
    assert failed.trainee.data_requests.get().kind == "correct"


def test_the_request_names_the_class_unless_it_is_not_the_readers_to_know(failed):
    user = make_coordinator(failed.trainee.agency)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    address = reverse("record_request", args=[failed.trainee.code], query={"run": failed.run.code})
    named = f"About the class {failed.run.code}:"
    assert named in client.get(address).content.decode()
    Enrollment.objects.filter(pk=failed.pk).update(sending_agency=make_agency("other"))
    assert named not in client.get(address).content.decode()


def test_an_auditor_who_only_reads_is_offered_no_correction(failed):
    user = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=user)
    assert "Is something wrong here?" not in page_for(user, failed)


def test_a_coordinator_reads_no_facts_of_a_class_that_another_agency_sent_to(failed):
    Enrollment.objects.filter(pk=failed.pk).update(sending_agency=make_agency("other"))
    page = page_for(make_coordinator(failed.trainee.agency), failed)
    assert "attendance, 80 % required" not in page
