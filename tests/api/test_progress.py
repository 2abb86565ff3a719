"""The number through the API: the same as everywhere, totals only."""

import datetime as dt
import json

import pytest

from audit.services import SYSTEM
from counting.counter import counted
from lms.reference import load_reference
from targets.progress import as_json
from tests.api.world import make_world
from tests.factories import make_user


@pytest.fixture
def visitor(api):
    return api(make_user("trainee"))


def test_the_number_is_the_one_that_the_counter_gives(visitor):
    load_reference(by=SYSTEM)
    asked = visitor.get("progress/?as_of=2026-03-31&known_as_of=2026-10-31").json()
    day, known = dt.date(2026, 3, 31), dt.date(2026, 10, 31)
    told = as_json(counted(day, known_as_of=known))
    assert {**asked, "rule": None} == {**told, "rule": None}


@pytest.mark.parametrize("by", ["agency", "sector", "kind", "month"])
def test_no_person_is_told_by_any_grouping(visitor, by):
    world = make_world()
    answer = visitor.get(f"progress/?by={by}")
    assert answer.status_code == 200
    text = json.dumps(answer.json(), ensure_ascii=False)
    assert world.trainee.code not in text
    assert world.trainee.full_name not in text


@pytest.mark.parametrize("query", ["as_of=31/13/2025", "by=person", "rule=1"])
def test_bad_questions_name_their_parameter(visitor, query):
    answer = visitor.get(f"progress/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.split("=")[0]])


def test_what_was_promised_stands_with_its_days(visitor):
    load_reference(by=SYSTEM)
    answer = visitor.get("indicators/trained_officials/").json()
    assert [target["minimum"] for target in answer["targets"]] == [100, 1000]
    assert visitor.get("indicators/no-such/").status_code == 404
