"""Adopting versions of the counting rule."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEntry
from common import clock
from counting.asked import known_by
from counting.errors import CountingError
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS
from tests.counting.makers import RULE_DAY, make_rule
from tests.factories import make_agency, make_course

pytestmark = pytest.mark.django_db

JULY = dt.date(2024, 7, 1)


def in_force(day):
    rule = CountingRule.objects.in_force(TRAINED_OFFICIALS, known_by(day))
    return rule and rule.version


def refusal(*args, **fields):
    with pytest.raises(CountingError) as refused:
        make_rule(*args, **fields)
    return refused.value.code


def test_versions_follow_one_another():
    make_rule([make_course()])
    make_rule([make_course()], on=JULY, reason="new courses")
    assert [in_force(day) for day in (dt.date(2024, 5, 2), RULE_DAY, JULY)] == [None, 1, 2]


def test_a_version_entered_late_changes_no_earlier_answer():
    make_rule([make_course()])
    make_rule([make_course()], on=JULY, adopted_on=dt.date(2024, 6, 1), reason="entered late")
    assert [in_force(dt.date(2024, 6, 15)), in_force(JULY)] == [1, 2]


def test_two_versions_of_one_day_are_believed_one_after_the_other():
    make_rule([make_course()])
    make_rule([make_course()], reason="corrected the same day")
    assert in_force(RULE_DAY) == 2


def test_an_adoption_is_on_record():
    make_rule([make_course()])
    entry = AuditEntry.objects.get(action="counting_rule_adopted")
    assert entry.details == {
        "indicator": TRAINED_OFFICIALS,
        "version": 1,
        "adopted_on": "2024-05-03",
    }


def test_a_new_version_needs_a_reason():
    make_rule([make_course()])
    assert refusal([make_course()], on=JULY, reason=" ") == "reason_missing"


def test_a_version_is_never_older_than_the_one_before():
    make_rule([make_course()])
    day = RULE_DAY - dt.timedelta(days=1)
    assert refusal([make_course()], on=JULY, adopted_on=day, reason="x") == "adopted_too_early"


def test_a_rule_is_not_adopted_in_the_future():
    day = RULE_DAY + dt.timedelta(days=1)
    assert refusal([make_course()], adopted_on=day) == "adopted_in_future"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sentence_en": " "}, "sentence_missing"),
        ({"sectors": ["moon"]}, "unknown_choice"),
        ({"kinds": ["moon"]}, "unknown_choice"),
        ({"evidence_kinds": ["hearsay"]}, "unknown_choice"),
        ({"indicator": "happiness"}, "unknown_indicator"),
    ],
)
def test_a_rule_with_unknown_or_missing_words_is_refused(fields, code):
    assert refusal([make_course()], **fields) == code
    assert not CountingRule.objects.exists()


def test_a_rule_names_at_least_one_course():
    assert refusal([]) == "no_course"


def test_the_sentence_is_in_the_readers_language(settings):
    rule = make_rule([make_course()])
    assert rule.sentence == "Mỗi người một lần."
    settings.LANGUAGE_CODE = "en"
    assert rule.sentence == "Each person once."


def test_a_day_means_its_end_and_nothing_means_now():
    assert known_by(JULY) == clock.end_of_day(JULY)
    with clock.set_to(JULY):
        assert known_by(None) == clock.now()


@pytest.fixture
def changes_to_a_rule():
    """What somebody with a database console might try on an adopted rule."""
    rule = make_rule([make_course()], agencies_left_out=[make_agency()])
    left_out = CountingRule.agencies_left_out.through.objects.all()
    return {
        "rule": lambda: CountingRule.objects.update(minimum_periods=40),
        "rule deleted": lambda: _delete(CountingRule.objects.all()),
        "course": lambda: rule.courses.update(counts_from=JULY),
        "course deleted": lambda: _delete(rule.courses.all()),
        "agency left out": lambda: left_out.update(agency=make_agency()),
        "agency left out deleted": lambda: _delete(left_out),
    }


def _delete(rows):
    """Straight in the database, past Django's own questions."""
    rows._raw_delete(rows.db)


@pytest.mark.both_engines
@pytest.mark.parametrize("part", ["rule", "course", "agency left out"])
@pytest.mark.parametrize("action", ["", " deleted"])
def test_an_adopted_rule_never_changes(changes_to_a_rule, part, action):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        changes_to_a_rule[part + action]()
