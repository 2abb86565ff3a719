"""Whoever causes many messages sees first how many people, letters and coordinators they reach."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import NO_MAILBOX
from common import clock
from courses.choices import ApprovalPolicy
from enrollment.models import Enrollment
from enrollment.services.announcements import announce, reach_of_closing
from notices.models import Notice
from people.models import Letter
from people.services.recipients import Reach, reach_of
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db
FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def nomination(agency, people) -> dict[str, Any]:
    codes = [person.code for person in people]
    return {"people": codes, "agency": agency.slug, "number": "1/CV", "dated": "2026-03-01"}


def some_people(agency, count: int):
    """The last has no address."""
    mailed = [make_trainee(agency, email=f"p{n}@x.vn") for n in range(count - 1)]
    return [*mailed, make_trainee(agency, email="")]


def test_a_nomination_of_more_than_ten_by_name_asks_with_the_number_of_each(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    agency, run = make_agency(), make_run(make_course(approval=ApprovalPolicy.NONE), **FAR)
    client, people = signed_in(make_coordinator(agency)), some_people(agency, 11)
    path, form = f"/runs/{run.code}/nominate/", nomination(agency, people)
    asked = client.post(path, form)
    sentence = (
        "11 people will be notified; 1 letter to be printed for someone without an e-mail address; "
        "a summary to 1 coordinator. Confirm this number."
    )
    assert sentence in text_of(asked)
    assert not Enrollment.objects.exists()
    assert asked.content.decode().count("checked") == 11
    assert client.post(path, form | {"agreed": "11"}).status_code == 302
    announce()
    mailed = Notice.objects.exclude(kind="agency_summary").count()
    assert (Enrollment.objects.count(), mailed, Letter.objects.count()) == (11, 10, 1)


def test_another_number_than_the_agreed_one_is_asked_again():
    agency, run = make_agency(), make_run(**FAR)
    client, people = signed_in(make_coordinator(agency)), some_people(agency, 12)
    path = f"/runs/{run.code}/nominate/"
    asked = client.post(path, nomination(agency, people) | {"agreed": "11"})
    assert "12 people will be notified" in text_of(asked)
    assert not Enrollment.objects.exists()


def test_ten_are_nominated_without_a_question():
    agency, run = make_agency(), make_run(**FAR)
    client, people = signed_in(make_coordinator(agency)), some_people(agency, 10)
    path = f"/runs/{run.code}/nominate/"
    assert client.post(path, nomination(agency, people)).status_code == 302
    assert Enrollment.objects.count() == 10


def test_the_page_of_results_says_whom_closing_notifies():
    run, agency = make_run(), make_agency()
    make_coordinator(agency)
    for person in some_people(agency, 3):
        make_enrollment(run, person, sending_agency=agency)
    with clock.set_to(dt.datetime(2026, 3, 20, tzinfo=dt.UTC)):
        page = text_of(signed_in(make_trainer(run)).get(f"/runs/{run.code}/closing/"))
    assert "3 people will be notified; 1 letter to be printed" in page
    assert "a summary to 1 coordinator." in page


def test_closing_a_class_of_long_ago_notifies_nobody():
    run = make_run()
    make_enrollment(run, make_trainee(email="a@x.vn"))
    with clock.set_to(dt.datetime(2027, 3, 20, tzinfo=dt.UTC)):
        assert reach_of_closing(run) == Reach()


def test_an_account_without_a_mailbox_gets_a_letter():
    user = make_user("trainee", email=f"hv-1{NO_MAILBOX}")
    assert reach_of([make_trainee(user=user, email="")]) == Reach(people=1, letters=1)


def test_the_sentence_in_vietnamese():
    with translation.override("vi"):
        assert str(Reach()) == "Không có ai được thông báo."
        assert str(Reach(1200, 2, 1)) == (
            "1.200 người sẽ được thông báo; 2 thư cần in do không có địa chỉ thư điện tử; "
            "1 đầu mối nhân sự nhận bản tổng hợp."
        )
