"""explain on the command line."""

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command

from tests.counting.makers import make_rule
from tests.factories import make_completion, make_course, make_run, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def completion():
    course = make_course("AI-101")
    make_rule([course])
    trainee = make_trainee()
    return make_completion(trainee, make_run(course), completed_on=dt.date(2024, 6, 10))


def answer(*command):
    out = io.StringIO()
    try:
        call_command(*command, "--json", stdout=out)
    except SystemExit as leaving:
        return leaving.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def printed(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_explain_answers_for_machines_and_people(completion):
    code = completion.trainee.code
    assert answer("explain", code)[1]["counted"] is True
    assert "AI-101" in printed("explain", code)
    assert answer("explain", code, "--as-of", "2024-06-09")[1]["counted"] is False
    assert completion.run.code in printed("explain", code, "--as-of", "2024-06-09")


def test_explain_refuses_an_unknown_code():
    code, found = answer("explain", "HV-NOBODY")
    assert (code, found["error"]["code"]) == (1, "unknown_trainee")
