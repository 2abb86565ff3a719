"""Why somebody counts, or what is missing."""

import datetime as dt

import pytest

from agencies.choices import AgencyKind, Sector
from audit.services import PROGRAMME_OFFICE
from common import clock
from counting.errors import CountingError
from counting.explanation import explain
from counting.models import RuleCourse
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence
from enrollment.models import Completion
from people.services.merges import merge
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
)

pytestmark = pytest.mark.django_db

JUNE, JULY = dt.date(2024, 6, 10), dt.date(2024, 7, 10)


@pytest.fixture
def course():
    course = make_course("AI-101")
    make_rule([course])
    return course


@pytest.fixture
def completion(course):
    trainee = make_trainee(make_agency("moet", name_vi="Bộ Giáo dục và Đào tạo"))
    run = make_run(course, sessions=0, code="AI-101-1")
    return make_completion(trainee, run, completed_on=JUNE)


def missing(trainee, **options):
    return [reason.code for reason in explain(trainee.code, **options).reasons]


def test_the_explanation_of_a_counted_person_names_day_and_completion(completion):
    answer = explain(completion.trainee.code).as_json()
    assert answer["counted"] is True
    assert answer["since"] == "2024-06-10"
    assert answer["completion"] == {
        "course": "AI-101",
        "title": "Khóa AI-101",
        "run": "AI-101-1",
        "trainee": completion.trainee.code,
        "completed_on": "2024-06-10",
        "recorded_at": "2024-06-10",
        "periods": 16,
        "evidence": "signed_sheet",
        "rule_met": "≥ 80 %",
    }
    assert answer["credited_to"] == {
        "slug": "moet",
        "label": "Bộ Giáo dục và Đào tạo",
        "sector": "state_agency",
        "kind": "ministry",
    }
    assert (answer["reasons"], answer["merged_into"]) == ([], None)


def test_of_several_completions_the_first_explains(course, completion):
    make_completion(completion.trainee, make_run(course), completed_on=JULY)
    assert explain(completion.trainee.code).first == completion


def test_a_merged_row_is_explained_as_the_person_it_belongs_to(completion):
    survivor = make_trainee()
    merge(by=PROGRAMME_OFFICE, survivor=survivor, absorbed=completion.trainee)
    by_row, by_person = explain(completion.trainee.code), explain(survivor.code)
    assert by_row.as_json()["merged_into"] == survivor.code
    assert by_row.first == by_person.first == completion
    assert by_person.as_json()["merged_into"] is None


def test_a_code_is_found_however_it_is_typed(completion):
    assert explain(f" {completion.trainee.code.lower()} ").counted


def test_an_unknown_code_is_refused():
    with pytest.raises(CountingError) as refused:
        explain("HV-NOBODY")
    assert refused.value.code == "unknown_trainee"


def test_a_missing_completion_is_a_reason(course):
    assert missing(make_trainee()) == ["no_completion"]


def test_a_class_that_is_not_closed_is_a_reason(course):
    enrollment = make_enrollment(make_run(course))
    assert missing(enrollment.trainee) == ["no_completion", "run_not_closed"]


def test_a_completion_rule_that_was_not_met_is_a_reason(course):
    run = make_run(course, state=RunState.CLOSED)
    enrollment = make_enrollment(run, state=EnrollmentState.NOT_COMPLETED)
    assert missing(enrollment.trainee) == ["no_completion", "not_completed"]


def test_before_any_rule_the_missing_rule_is_the_reason(completion):
    assert missing(completion.trainee, known_as_of=dt.date(2024, 5, 1)) == ["no_rule"]


def test_a_completion_voided_later_or_recorded_later_says_so(completion):
    day_before = JUNE - dt.timedelta(days=1)
    assert missing(completion.trainee, as_of=day_before) == ["after_as_of"]
    assert missing(completion.trainee, known_as_of=day_before) == ["recorded_later"]
    voided = Completion.objects.filter(pk=completion.pk)
    voided.update(voided_at=clock.end_of_day(JULY), void_reason="the wrong person")
    (reason,) = explain(completion.trainee.code).reasons
    assert reason.code == "voided"
    assert "the wrong person" in reason.message
    assert explain(completion.trainee.code, known_as_of=JUNE).counted


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"sectors": [Sector.STATE_CORPORATION]}, "sector"),
        ({"kinds": [AgencyKind.PROVINCE]}, "kind"),
        ({"evidence_kinds": [Evidence.PAPER]}, "evidence"),
        ({"minimum_periods": 40}, "periods"),
    ],
)
def test_each_line_of_the_rule_has_its_reason(course, completion, terms, reason):
    make_rule([course], on=JULY, reason="narrower", **terms)
    assert missing(completion.trainee) == [reason]


def test_courses_days_and_agencies_have_their_reasons(course, completion):
    make_rule([make_course()], on=JULY, reason="other courses")
    assert missing(completion.trainee) == ["course"]
    make_rule([RuleCourse(course=course, counts_from=JULY)], on=JULY, reason="from July")
    assert missing(completion.trainee) == ["course_dates"]
    left_out = [completion.sending_agency]
    make_rule([course], on=JULY, reason="without it", agencies_left_out=left_out)
    assert missing(completion.trainee) == ["agency_left_out"]


def test_every_reason_of_every_completion_is_listed(course, completion):
    make_completion(completion.trainee, make_run(), completed_on=JULY)
    make_rule([course], on=JULY, reason="narrower", minimum_periods=40, kinds=["province"])
    assert missing(completion.trainee) == ["kind", "periods", "course", "kind", "periods"]
