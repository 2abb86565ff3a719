"""Whether somebody comes as an official or as an expert: entered, shown, frozen, corrected."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from counting.counter import counted
from enrollment.models import Completion, Enrollment
from enrollment.services.completion import close_run, record_from_paper
from enrollment.services.results import correct_completion
from people.services.privacy import everything_about
from targets.progress.quality import quality
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
KIND = "trainee_kind"


@pytest.fixture
def office(client: Client) -> Client:
    user = make_user("programme_office")
    create_second_factor(by=OFFICE, user=user)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def run_ahead(**fields: Any) -> Any:
    ahead = clock.today() + dt.timedelta(days=30)
    return make_run(starts_on=ahead, ends_on=ahead, **fields)


@pytest.mark.parametrize("kind", ["official", "expert", ""])
def test_a_nomination_by_name_says_it_of_everyone_selected(client: Client, kind: str) -> None:
    agency = make_agency()
    people, run = [make_trainee(agency) for _ in range(2)], run_ahead()
    client.force_login(make_coordinator(agency))
    sent = {
        "people": [one.code for one in people],
        KIND: kind,
        "agency": agency.slug,
        "number": "12/CV",
        "dated": clock.today().isoformat(),
    }
    assert client.post(reverse("nominate", args=[run.code]), sent).status_code == 302
    assert [*run.enrollments.values_list(KIND, flat=True)] == [kind, kind]


def test_a_nomination_refuses_a_kind_that_there_is_not(client: Client) -> None:
    agency, run = make_agency(), run_ahead()
    client.force_login(make_coordinator(agency))
    answer = client.post(reverse("nominate", args=[run.code]), {KIND: "student"})
    assert KIND in answer.context["form"].errors


def test_the_pages_of_class_and_person_show_it(office: Client) -> None:
    enrollment = make_enrollment(run_ahead(), trainee_kind="expert")
    of_class = office.get(reverse("run", args=[enrollment.run.code])).content.decode()
    of_person = office.get(reverse("person", args=[enrollment.trainee.code])).content.decode()
    assert '<span class="beneath">expert</span>' in of_class
    assert " · expert" in of_person


def test_own_data_name_it_in_the_readers_language() -> None:
    enrollment = make_enrollment(trainee_kind="expert", run=make_run())
    tables = {one.name: one for one in everything_about(enrollment.trainee, in_clear=False)}
    assert tables["enrollments"].rows[0][KIND] == "chuyên gia"


def completed(**fields: Any) -> tuple[Enrollment, Completion]:
    run = make_run(make_course(minimum_attendance=0), sessions=0, state="running")
    enrollment = make_enrollment(run, **fields)
    close_run(by=OFFICE, run=run)
    return enrollment, Completion.objects.get()


def test_a_completion_freezes_what_the_enrollment_says() -> None:
    _enrollment, completion = completed(trainee_kind="expert")
    assert completion.trainee_kind == "expert"


def test_a_paper_result_takes_it_from_the_enrollment_where_the_paper_is_silent() -> None:
    run = make_run(state="running")
    enrollment = make_enrollment(run, trainee_kind="official")
    completion = record_from_paper(
        by=OFFICE, run=run, trainee=enrollment.trainee, completed_on=run.ends_on,
        sending_agency=enrollment.sending_agency,
    )  # fmt: skip
    assert completion.trainee_kind == "official"


def test_a_correction_adds_it_later_with_a_reason(office: Client) -> None:
    _enrollment, old = completed()
    form = {
        "completed_on": old.completed_on.isoformat(),
        "sending_agency": old.sending_agency.slug,
        KIND: "expert",
        "reason": "Theo công văn 12",
    }
    page = reverse("correct_result", args=[old.run.code, old.pk])
    assert office.post(page, form).status_code == 302
    new = Completion.objects.not_voided().get()
    assert (new.trainee_kind, new.corrects) == ("expert", old)


def test_a_correction_of_something_else_leaves_it() -> None:
    _enrollment, old = completed(trainee_kind="expert")
    new = correct_completion(by=OFFICE, completion=old, score=Decimal(8), reason="Chấm lại")
    assert new.trainee_kind == "expert"


# The figure -------------------------------------------------------------------------------


def figure() -> dict[str, tuple[int | None, int | None]]:
    found = quality(counted()).trainee_kinds
    return {one.key: (one.persons, one.completions) for one in found}


def test_people_are_counted_by_the_first_completion_that_says_it() -> None:
    course = make_course()
    make_rule([course])
    runs = [make_run(course) for _ in range(3)]
    person = make_completion(run=runs[0]).trainee
    make_completion(person, runs[1], trainee_kind="expert")
    make_completion(person, runs[2], trainee_kind="official")
    make_completion(run=runs[0], trainee_kind="official")
    make_completion(run=runs[0])
    assert figure() == {"official": (1, 2), "expert": (1, 1), "not_known": (1, 2)}
    count = counted()
    assert sum(persons or 0 for persons, _completions in figure().values()) == count.persons
    assert sum(found or 0 for _persons, found in figure().values()) == count.completions


def test_a_later_correction_leaves_the_figure_of_an_earlier_instant() -> None:
    _enrollment, old = completed()
    make_rule([old.run.course])
    before = counted()
    correct_completion(by=OFFICE, completion=old, reason="Bổ sung", trainee_kind="expert")
    assert figure()["expert"] == (1, 1)
    replayed = quality(counted(before.as_of, known_as_of=before.known_as_of))
    assert replayed.trainee_kinds == quality(before).trainee_kinds
    assert [one.persons for one in replayed.trainee_kinds] == [0, 0, 1]
