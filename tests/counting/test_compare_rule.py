"""A draft of the counting rule: what it would change, and the days on which courses count."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.comparison import compared, store_comparison
from counting.counter import counted
from counting.models import CountingRule, RuleCourse
from counting.replay import Terms
from jobs.models import Job, JobState, StoredResult
from people.services.merges import merge
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

MARCH, JUNE = dt.date(2026, 3, 10), dt.date(2026, 6, 10)


@pytest.fixture
def short():
    course = make_course(code="AI-101", periods=8)
    make_rule([course])
    return make_run(course)


@pytest.fixture
def long():
    return make_run(make_course(code="AI-201", periods=24))


@pytest.fixture
def office(client):
    user = make_user("programme_office", language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


def asked(office, **changes):
    """What the form sends unchanged, except for some fields."""
    form = office.get(reverse("new_rule")).context["form"]
    as_it_is = {
        name: form.get_initial_for_field(field, name) for name, field in form.fields.items()
    }
    return {name: "" if value is None else value for name, value in as_it_is.items()} | changes


def post(office, **changes):
    return office.post(reverse("new_rule"), asked(office, **changes))


def test_who_would_come_in_and_drop_out_is_counted(short, long):
    ministry, corporation = make_agency(kind="ministry"), make_agency(kind="state_corporation")
    make_completion(make_trainee(ministry), short)
    for _person in range(2):
        make_completion(make_trainee(corporation), long)
    both = make_trainee(ministry)
    for run in (short, long):
        make_completion(both, run)
    found = compared(Terms([("AI-201", None, None)]))
    assert (found.now.persons, found.persons) == (2, 3)
    assert (found.come_in, found.drop_out) == (2, 1)
    assert found.by_sector == {"state_agency": 1, "state_corporation": 2}


def test_a_draft_that_says_the_same_changes_nobody(short, long):
    one, other = make_trainee(), make_trainee()
    for person in (one, other):
        make_completion(person, short)
    merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
    found = compared(Terms.of(CountingRule.objects.get()))
    assert (found.now.persons, found.persons, found.come_in, found.drop_out) == (1, 1, 0, 0)


def test_a_draft_counts_what_its_adoption_counts(short, long):
    for day in (MARCH, JUNE):
        for run in (short, long):
            make_completion(make_trainee(), run, completed_on=day)
    draft = compared(Terms([("AI-101", None, MARCH), ("AI-201", JUNE, None)]))
    terms = [
        RuleCourse(course=short.course, counts_to=MARCH),
        RuleCourse(course=long.course, counts_from=JUNE),
    ]
    make_rule(terms, on=clock.today(), reason="courses by turns")
    assert (draft.now.persons, draft.persons, counted().persons) == (2, 2, 2)
    assert (draft.come_in, draft.drop_out) == (1, 1)


def test_the_page_shows_the_change_and_adopts_nothing(
    office, short, long, django_capture_on_commit_callbacks
):
    make_completion(make_trainee(), long)
    draft = {"courses": ["AI-101", "AI-201"], "compare": "1", "reason": ""}
    with django_capture_on_commit_callbacks(execute=True):
        assert post(office, **draft).context["change"] is None  # nothing in the request
    answer = post(office, **draft)
    change = answer.context["change"]
    assert (change["come_in"], change["drop_out"]) == (1, 0)
    assert '<td class="number">+1</td>' in answer.content.decode()
    assert CountingRule.objects.count() == 1


def test_a_draft_is_one_job_however_often_it_is_asked_for(
    office, short, long, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            post(office, courses=["AI-201", "AI-101"], compare="1")
            post(office, courses=["AI-101", "AI-201"], compare="1")
    assert Job.objects.get().state == JobState.DONE
    post(office, courses=["AI-101"], compare="1")
    assert Job.objects.count() == 2


def test_a_preview_is_stored_with_the_terms_of_its_draft(
    office, short, long, django_capture_on_commit_callbacks
):
    field = f"from_{long.course.pk}"
    draft = {"courses": ["AI-101", "AI-201"], field: "2026-04-01", "minimum_periods": 8}
    with django_capture_on_commit_callbacks(execute=True):
        post(office, **draft, compare="1")
    page = Job.objects.get().result["page"]
    digest = office.get(page).context["draft"]
    form = office.get(reverse("new_rule"), {"draft": digest}).context["form"]
    assert form["courses"].value() == ["AI-101", "AI-201"]
    assert (form[field].value(), form["minimum_periods"].value()) == (dt.date(2026, 4, 1), 8)


def test_a_job_that_runs_twice_stores_one_comparison(short, long):
    draft = Terms([("AI-201", None, JUNE)])
    for _time in range(2):
        store_comparison(draft)
    row = StoredResult.objects.get(kind="compare_rules")
    assert Terms.from_json(row.content["terms"]).as_json() == draft.as_json()


def test_a_preview_against_a_former_rule_is_computed_again(
    office, short, long, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        post(office, courses=["AI-201"], compare="1")
    make_rule([short.course], on=clock.today(), reason="again")
    with django_capture_on_commit_callbacks(execute=True):
        assert post(office, courses=["AI-201"], compare="1").context["change"] is None
    assert Job.objects.count() == 2


def test_the_days_on_which_a_course_counts_are_adopted_with_the_rule(office, short):
    field = f"from_{short.course.pk}"
    post(office, **{field: "2026-04-01"}, reason="Counts from April on")
    assert CountingRule.objects.get(version=2).courses.get().counts_from == dt.date(2026, 4, 1)
    post(office, minimum_periods=16, reason="Longer courses")
    assert CountingRule.objects.get(version=3).courses.get().counts_from == dt.date(2026, 4, 1)


def test_a_course_whose_last_day_lies_before_its_first_is_refused(office, short):
    days = {f"from_{short.course.pk}": "2026-04-02", f"to_{short.course.pk}": "2026-04-01"}
    answer = post(office, **days, reason="x")
    assert answer.context["form"].has_error(f"to_{short.course.pk}")
    assert CountingRule.objects.count() == 1


def test_a_draft_says_which_terms_it_changes(office, short):
    page = post(office, compare="1", courses=["AI-101"], kinds=["ministry"])
    assert page.context["terms"] == [("Loại hình cơ quan", "tất cả", "Bộ")]
    same = post(office, compare="1")
    assert same.context["terms"] == []
    assert same.context["is_draft"]


def test_choices_of_a_rule_are_check_boxes_and_dates_open_where_they_are_set(office, short):
    make_agency()
    page = office.get(reverse("new_rule")).content.decode()
    assert "multiple" not in page
    for name in ("sectors", "kinds", "evidence_kinds", "agencies_left_out"):
        assert f'type="checkbox" name="{name}"' in page
    course = short.course
    limited = post(office, compare="1", **{f"from_{course.pk}": "2024-01-01"}).content.decode()
    assert (page.count('<details class="help" open>'), limited.count('class="help" open')) == (0, 1)
