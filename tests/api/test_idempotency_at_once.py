"""The same key sent many times at the same moment: one action, one answer for all."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.choices import Role
from accounts.models import RememberedAnswer
from courses.models import CourseRun
from tests.api.conftest import Visitor
from tests.factories import make_course, make_user


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_a_key_sent_six_times_at_once_opens_one_run(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    visitor = Visitor(make_user(Role.TRAINER))
    body = {
        "course": make_course().code,
        "code": "R-1",
        "starts_on": "2027-01-04",
        "ends_on": "2027-01-05",
        "capacity": 20,
    }

    def send(_n: int) -> tuple[int, str]:
        try:
            answer = visitor.post("runs/", body, Idempotency_Key="k-1")
            return answer.status_code, answer.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {status for status, _body in answers} == {201}
    assert len({text for _status, text in answers}) == 1
    assert CourseRun.objects.count() == RememberedAnswer.objects.count() == 1
