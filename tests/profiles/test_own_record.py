import datetime as dt

import pytest
from django.urls import reverse

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from enrollment.services.enrollments import Nominee, nominate
from people.services.merges import merge
from tests.architecture.world import make_certificate
from tests.factories import make_completion, make_course, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db
LATER = dt.date(2099, 3, 9)


@pytest.fixture
def person(client):
    user = make_user("trainee")
    client.force_login(user)
    return make_trainee(user=user)


def test_the_own_page_shows_the_position_on_the_waiting_list(client, person):
    run = make_run(capacity=1, starts_on=LATER, ends_on=LATER)
    people = [make_trainee(person.agency), make_trainee(person.agency), person]
    nominees = [Nominee(who.pk) for who in people]
    nominate(by=OFFICE, run=run, sending_agency=person.agency, nominees=nominees)
    page = client.get("/my/", headers={"accept-language": "en"}).content.decode()
    assert "waiting list, position 2" in page


def test_the_own_page_has_the_own_certificates_alone(client, person):
    own, other = (
        make_certificate(make_completion(who), number)
        for number, who in enumerate((person, make_trainee(person.agency)), start=1)
    )
    page = client.get("/my/").content.decode()
    assert reverse("certificate_file", args=[own.verification_code]) in page
    assert reverse("certificate_file", args=[other.verification_code]) not in page


def test_the_calendar_has_only_sessions_of_classes_with_a_seat(client, person):
    mine, other = (make_run(starts_on=LATER, ends_on=LATER, sessions=1) for _ in range(2))
    for run, who in ((mine, person), (other, make_trainee(person.agency))):
        nominate(by=OFFICE, run=run, sending_agency=who.agency, nominees=[Nominee(who.pk)])
    answer = client.get("/my/timetable.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert mine.code in text
    assert other.code not in text


def test_a_classes_own_timetable_goes_into_the_calendar(client, person):
    run = make_run(sessions=2)
    text = client.get(f"/runs/{run.code}/timetable.ics").content.decode()
    assert text.count("BEGIN:VEVENT") == 2


def test_the_record_counts_what_was_completed_under_another_row_of_the_same_person(client, person):
    old = make_trainee(person.agency)
    for who, title in ((person, "Một"), (old, "Hai")):
        make_completion(who, make_run(make_course(title_vi=title)))
    voided = make_completion(person, make_run(make_course(title_vi="Ba")))
    type(voided).objects.filter(pk=voided.pk).update(voided_at=clock.now(), void_reason="x")
    merge(by=OFFICE, survivor=person, absorbed=old)
    page = client.get("/my/record/").content.decode()
    assert ("Một" in page, "Hai" in page, "Ba" in page) == (True, True, False)
    assert ">32</td>" in page
