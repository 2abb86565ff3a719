"""progress and reconcile on the command line."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from common import clock
from targets.progress import reconcile
from tests.counting.makers import make_indicator, make_rule
from tests.factories import make_agency, make_completion, make_course, make_run, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def completion():
    make_indicator(d2024_12_31=1, d2030_12_31=1000)
    course = make_course("AI-101")
    make_rule([course])
    trainee = make_trainee(make_agency("moet", name_vi="Bộ Giáo dục"))
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


def test_progress_answers_in_the_form_of_the_contract(completion):
    code, found = answer("progress", "--as-of", "2025-01-31", "--known-as-of", "2025-02-28")
    assert code == 0
    assert found == {
        "indicator": "trained_officials",
        "as_of": "2025-01-31",
        "known_as_of": "2025-02-28",
        "rule": {
            "version": 1,
            "adopted_on": "2024-05-03",
            "sentence": "Mỗi người một lần.",
        },
        "persons": 1,
        "completions": 1,
        "by_sector": {"state_agency": 1, "state_corporation": 0},
        "targets": [
            {
                "due_on": "2024-12-31",
                "minimum": 1,
                "persons": 1,
                "met": True,
                "met_on": "2024-06-10",
            },
            {
                "due_on": "2030-12-31",
                "minimum": 1000,
                "persons": 1,
                "met": False,
                "met_on": None,
            },
        ],
        "groups": [],
    }


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("agency", "moet"),
        ("sector", "state_agency"),
        ("kind", "ministry"),
        ("course", "AI-101"),
        ("month", "2024-06"),
    ],
)
def test_progress_groups_people_as_asked(completion, by, key):
    (group,) = answer("progress", "--by", by)[1]["groups"]
    assert (group["key"], group["persons"], group["completions"]) == (key, 1, 1)
    assert group["label"]


def test_progress_is_of_today_as_known_now_by_default(completion):
    with clock.set_to(dt.datetime(2026, 3, 5, 0, 30, tzinfo=clock.HANOI)):
        found = answer("progress")[1]
    assert (found["as_of"], found["known_as_of"]) == ("2026-03-05", "2026-03-05T00:30:00+07:00")


def test_progress_without_any_rule_counts_nobody():
    found = answer("progress")[1]
    assert (found["rule"], found["persons"], found["targets"]) == (None, 0, [])
    assert "0" in printed("progress")


@pytest.mark.parametrize("option", ["--as-of", "--known-as-of"])
def test_an_impossible_day_is_refused_in_one_line(option):
    with pytest.raises(CommandError) as refused:
        call_command("progress", option, "2024-02-30")
    assert "\n" not in str(refused.value)
    assert answer("progress", option, "tomorrow")[1]["error"]["code"] == "date_unreadable"


def test_an_unknown_grouping_is_refused(completion):
    code, found = answer("progress", "--by", "colour")
    assert (code, found["error"]["code"]) == (1, "unknown_grouping")


def test_progress_prints_number_dates_and_rule_for_people(completion):
    text = printed("progress", "--as-of", "31/01/2025", "--by", "agency")
    for expected in ("31/01/2025", "Mỗi người một lần.", "10/06/2024", "Bộ Giáo dục"):
        assert expected in text


def test_reconcile_exits_with_one_on_a_contradiction_alone(completion):
    code, found = answer("reconcile")
    assert (code, found["ok"], found["unexplained"]) == (0, True, [])
    assert found["rule"]["version"] == 1
    assert [step["key"] for step in found["steps"]] == [
        "enrolled",
        "attended",
        "completed",
        "certificated",
        "people",
        "counted",
    ]
    completion.run.seats_taken = 2
    completion.run.save()
    code, found = answer("reconcile")
    assert (code, found["ok"], found["unexplained"][0]["code"]) == (1, False, "seats")
    assert completion.run.code in found["unexplained"][0]["message"]


def test_reconcile_prints_every_step_and_reason(completion):
    text = printed("reconcile")
    for step in reconcile().steps:
        assert step.label in text
        assert all(reason.label in text for reason in step.reasons)
