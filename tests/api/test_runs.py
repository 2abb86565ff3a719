"""Runs and sessions through the API."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from audit.models import AuditEntry
from common import clock
from courses.models import RunTrainer
from notices.models import Notice
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

NEW = {
    "code": "R-1",
    "starts_on": "2027-01-04",
    "ends_on": "2027-01-05",
    "capacity": 20,
    "sessions": 3,
}


def test_a_run_is_opened_with_its_timetable_by_the_service_of_the_pages(office):
    answer = office.post("runs/", NEW | {"course": make_course("C-1").code})
    assert answer.status_code == 201
    assert answer.json()["seats_left"] == 20
    assert office.keys("sessions/?run=R-1", "number") == [1, 2, 3]
    assert AuditEntry.objects.get(action="run_opened").actor_id == office.user.pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"capacity": ""}, "capacity"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"code": ""}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"starts_on": "04/01/2027"}, "starts_on"),
        ({"ends_on": "2099-01-01"}, "ends_on"),
        ({"seats_taken": 5}, "seats_taken"),
        ({"state": "closed"}, "state"),
    ],
)
def test_bad_input_names_the_field_to_mend(office, changes, field):
    answer = office.post("runs/", NEW | {"course": make_course().code} | changes)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert answer.json()["code"] == "invalid"


def test_a_rule_of_the_domain_keeps_its_code(office):
    make_run(code="R-1")
    answer = office.post("runs/", NEW | {"course": make_course().code})
    assert (answer.status_code, answer.json()["code"]) == (409, "code_taken")
    answer = office.post("runs/", NEW | {"course": "NO-SUCH"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_course")


def test_a_draft_is_known_to_its_trainer_and_to_nobody_else(api):
    run = make_run(state="draft")
    assert api(make_trainer(run)).keys("runs/", "code") == [run.code]
    stranger = api(make_user("trainer"))
    assert stranger.keys("runs/", "code") == []
    assert stranger.get(f"runs/{run.code}/").status_code == 404
    assert stranger.keys("sessions/", "run") == []


def test_runs_are_found_by_the_title_of_their_course(office):
    run = make_run(make_course(title_vi="Đạo đức trí tuệ nhân tạo"))
    make_run()
    assert office.keys("runs/?search=dao duc", "code") == [run.code]


def test_seats_change_only_from_the_version_that_was_read(office):
    run = make_run(capacity=10)
    read = office.get(f"runs/{run.code}/")
    assert office.patch(f"runs/{run.code}/", {"capacity": 11}).status_code == 428
    first = office.patch(f"runs/{run.code}/", {"capacity": 12}, If_Match=read["ETag"])
    assert first.json()["capacity"] == 12
    late = office.patch(f"runs/{run.code}/", {"capacity": 13}, If_Match=read["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert office.get(f"runs/{run.code}/").json()["capacity"] == 12
    assert (
        office.patch(f"runs/{run.code}/", {"capacity": 13}, If_Match=first["ETag"]).status_code
        == 200
    )


def test_a_session_changes_only_from_the_version_that_was_read(office):
    run = make_run(starts_on=dt.date(2090, 3, 10), ends_on=dt.date(2090, 3, 11))
    tag = office.get(f"sessions/{run.code}/1/")["ETag"]
    address = f"sessions/{run.code}/1/"
    assert office.patch(address, {"topic": "A"}, If_Match=tag).json()["topic"] == "A"
    assert office.patch(address, {"topic": "B"}, If_Match=tag).status_code == 412
    assert office.get(address).json()["topic"] == "A"


def test_a_misspelt_filter_is_refused_and_does_not_pass_for_none(office):
    answer = office.get("runs/?cuorse=AI-101")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["cuorse"])


def test_a_filter_given_twice_is_refused_and_none_of_them_is_chosen(office):
    answer = office.get("runs/?course=AI-101&course=AI-102&cuorse=AI-103")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["course", "cuorse"])


@pytest.mark.parametrize(
    "query", ["ordering=capacity", "page_size=0", "page_size=201", "page_size=x", "cursor=x",
              "state=done", "starts_from=yesterday", "search=" + "x" * 101],
)  # fmt: skip
def test_bad_questions_name_their_parameter(office, query):
    answer = office.get(f"runs/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.split("=")[0]])


def test_a_cursor_of_another_order_is_refused(office):
    for _ in range(3):
        make_run()
    following = office.get("runs/?page_size=1&ordering=code").json()["next"]
    assert office.get(following.replace("ordering=code", "ordering=-code")).status_code == 400


def test_a_cursor_tells_nothing_of_the_rows(office):
    for _ in range(2):
        make_run()
    following = office.get("runs/?page_size=1").json()["next"]
    assert "2026" not in following
    assert "RUN" not in following


def test_unknown_addresses_answer_in_the_form_of_errors(office, anybody):
    answer = office.get("no-such-thing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert office.send("delete", "runs/").json()["code"] == "method_not_allowed"
    assert anybody.get("runs/x%00y/").status_code == 401
    assert office.get("runs/x%00y/").status_code == 404


@pytest.mark.parametrize("body", ["{", "[" * 100_000, '"text"', "null", "[]", "NaN"])
def test_a_body_that_is_no_object_is_refused(office, body):
    answer = office.client.generic(
        "POST", "/api/v1/runs/", body, content_type="application/json", headers=office.headers
    )
    assert answer.status_code == 400
    problem = {"type", "title", "status", "detail", "instance"}
    assert set(answer.json()) == {"code", "message", "fields"} | problem


def test_a_body_that_is_not_json_is_refused(office):
    answer = office.client.generic(
        "POST", "/api/v1/runs/", "a=1", content_type="text/plain", headers=office.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_without_end_is_refused(office, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = office.post("runs/", {"code": "x" * 2_000})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_session_moved_or_removed_by_the_api_is_told_of_as_on_the_pages(office, settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"  # pytest-django puts its own there
    run = make_run(starts_on=dt.date(2090, 3, 10), ends_on=dt.date(2090, 3, 11))
    for n in range(11):
        make_enrollment(run, make_trainee(email=f"p{n}@x.vn"))
    address = f"sessions/{run.code}/1/"
    wanted = {"ends_at": "2090-03-10T12:00:00+07:00"}
    tag = office.get(address)["ETag"]
    refused = office.patch(address, wanted, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (409, "confirm_recipients")
    agreed = wanted | {"agreed_recipients": 11}
    assert office.patch(address, agreed, If_Match=tag).status_code == 200
    assert Notice.objects.count() == 11
    assert office.post(f"{address}remove/", {}).status_code == 409
    assert office.post(f"{address}remove/", {"agreed_recipients": 11}).status_code == 200
    assert Notice.objects.count() == 22


def test_a_trainer_who_opens_a_run_stands_on_it(api):
    trainer = make_user(Role.TRAINER)
    answer = api(trainer).post("runs/", NEW | {"course": make_course("C-1").code})
    assert answer.status_code == 201
    assert [one.user for one in RunTrainer.objects.filter(run__code="R-1")] == [trainer]


def test_cancelling_a_run_says_how_many_people_are_notified(office):
    run = make_run(code="R-1", ends_on=dt.date(2099, 1, 2))
    make_enrollment(run, make_trainee(email="an@x.vn"))
    answer = office.post("runs/R-1/cancel/", {"reason": "Giảng viên ốm"})
    assert answer.status_code == 200
    assert answer.json() == {"notified": 1}


def test_who_has_ceased_to_be_a_trainer_knows_of_no_draft(api):
    run = make_run(state="draft")
    trainer = api(make_trainer(run))
    client = Client()
    client.force_login(trainer.user)

    def shown() -> tuple[list[str], int]:
        page = client.get(reverse("run", args=[run.code]))
        return trainer.keys("runs/", "code"), page.status_code

    assert shown() == ([run.code], 200)
    trainer.user.role_grants.update(until=clock.today() - dt.timedelta(days=1))
    assert shown() == ([], 404)
