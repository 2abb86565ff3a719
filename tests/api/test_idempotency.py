"""A repeated Idempotency-Key answers again and does nothing again."""

import datetime as dt

from accounts.models import RememberedAnswer
from accounts.services import forget_answers
from common import clock
from courses.models import CourseRun
from tests.factories import make_course, make_run

BODY = {"code": "R-1", "starts_on": "2027-01-04", "ends_on": "2027-01-05", "capacity": 20}


def body(**changes):
    return BODY | {"course": make_course().code} | changes


def test_a_repeated_key_answers_the_same_and_writes_once(office):
    sent = body()
    first = office.post("runs/", sent, Idempotency_Key="k-1")
    again = office.post("runs/", sent, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"
    assert CourseRun.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(office):
    sent = body()
    office.post("runs/", sent, Idempotency_Key="k-1")
    answer = office.post("runs/", sent | {"code": "R-2"}, Idempotency_Key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert not CourseRun.objects.filter(code="R-2").exists()


def test_the_same_key_for_another_deed_is_refused(office):
    make_run(code="R-9")
    office.post("runs/", body(), Idempotency_Key="k-1")
    assert office.post("runs/R-9/close/", Idempotency_Key="k-1").status_code == 409


def test_a_refused_deed_leaves_no_key_behind(office):
    make_run(code="R-1")
    sent = body()
    assert office.post("runs/", sent, Idempotency_Key="k-1").status_code == 409
    CourseRun.objects.all().delete()
    assert office.post("runs/", sent, Idempotency_Key="k-1").status_code == 201


def test_two_users_may_choose_the_same_key(office, api):
    from tests.factories import make_user

    office.post("runs/", body(), Idempotency_Key="k-1")
    other = api(make_user("trainer")).post("runs/", body(code="R-2"), Idempotency_Key="k-1")
    assert other.status_code == 201


def test_a_key_is_forgotten_after_a_day(office):
    sent = body()
    office.post("runs/", sent, Idempotency_Key="k-1")
    RememberedAnswer.objects.update(recorded_at=clock.now() - dt.timedelta(hours=25))
    answer = office.post("runs/", sent, Idempotency_Key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "code_taken")


def test_old_keys_are_removed_in_time(office):
    office.post("runs/", body(), Idempotency_Key="k-1")
    assert forget_answers() == 0
    RememberedAnswer.objects.update(recorded_at=clock.now() - dt.timedelta(hours=25))
    assert forget_answers() == 1


def test_remembered_answers_rest_encrypted(office):
    office.post("runs/", body(), Idempotency_Key="k-1")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM accounts_rememberedanswer")
        assert "R-1" not in cursor.fetchone()[0]


def test_a_key_that_is_no_plain_text_is_refused(office):
    assert office.post("runs/", body(), Idempotency_Key="x" * 101).status_code == 400
