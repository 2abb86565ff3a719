"""The page of a person tells in one line of time what happened to them."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from audit.services import PROGRAMME_OFFICE
from people.models import Trainee
from people.services.corrections import transfer
from people.services.merges import merge
from tests.architecture.world import make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
)
from tests.profiles.test_person import office

pytestmark = pytest.mark.django_db


def events_of(user, person: Trainee) -> list[str]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    page = client.get(reverse("person", args=[person.code])).content.decode()
    items = re.findall(r"<li>\s*<span class=\"when\">.*?</li>", page, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", item).split()) for item in items]


def test_all_that_happened_stands_in_one_line_with_the_latest_first():
    person = make_trainee(make_agency(name_en="Ministry A"))
    run = make_run(code="AI-1", starts_on=dt.date(2025, 3, 10), ends_on=dt.date(2025, 3, 11))
    enrollment = make_enrollment(run, person, state="completed")
    certificate = make_certificate(make_completion(person, run, enrollment=enrollment), 7)
    there = make_agency(name_en="Ministry B")
    transfer(by=PROGRAMME_OFFICE, trainee=person, agency=there, on=dt.date(2026, 1, 5))
    double = make_trainee(there, full_name="Lê Thị Hoà")
    merge(by=PROGRAMME_OFFICE, survivor=Trainee.objects.get(pk=person.pk), absorbed=double)
    events = events_of(office(), person)
    kinds = [re.sub(r"^\S+ · ", "", event) for event in events]
    assert [kind.split(" ")[0] for kind in kinds[-3:]] == ["Transfer", "Result", "Class"]
    assert any(double.code in event for event in events)
    assert any(certificate.register_label in event for event in events)
    days = [event[:10].split("/")[::-1] for event in events]
    assert days == sorted(days, reverse=True)
    assert "from Ministry A" in events[-3]


def test_a_coordinator_reads_no_event_that_another_agency_sent():
    person = make_trainee(make_agency())
    make_enrollment(make_run(code="AI-MINE"), person)
    make_enrollment(make_run(code="AI-OTHER"), person, sending_agency=make_agency())
    events = " ".join(events_of(make_coordinator(person.agency), person))
    assert ("AI-MINE" in events, "AI-OTHER" in events) == (True, False)
