import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.counter import counted
from enrollment.services.completion import void_completion
from lms.views.board import outlook_board
from targets.models import Target
from targets.progress.adjustments import summary_by_kind
from targets.services.nightly_reconciliation import reconcile_and_notify
from targets.services.quotas import set_quota
from tests.counting.makers import make_indicator, make_rule, sign
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

JUNE = dt.date(2024, 6, 10)


@pytest.fixture
def run():
    make_indicator(d2024_12_31=100, d2099_12_31=1000)
    course = make_course()
    make_rule([course])
    return make_run(course, starts_on=JUNE, ends_on=JUNE)


def quota(minimum, *, due_on):
    target = Target.objects.get(due_on=due_on)
    return set_quota(by=SYSTEM, target=target, agency=make_agency(), minimum=minimum)


def test_quotas_behind_are_listed_overdue_first_then_by_what_is_missing(run):
    past, future = dt.date(2024, 12, 31), dt.date(2099, 12, 31)
    small, large = quota(3, due_on=past), quota(30, due_on=past)
    at_risk = [quota(100 + n, due_on=future) for n in range(4)]
    shown = outlook_board(counted())["quotas"]
    assert (shown["overdue"], shown["at_risk"]) == ("2", "4")
    behind = [large, small, at_risk[3], at_risk[2], at_risk[1]]
    assert [status.quota.agency for status, _tone in shown["worst"]] == [
        one.agency for one in behind
    ]


def test_adjustments_since_the_last_sign_off_are_listed_by_kind(run):
    completions = [make_completion(make_trainee(), run) for _n in range(3)]
    report = sign()
    for completion in completions[:2]:
        void_completion(by=PROGRAMME_OFFICE, completion=completion, reason="by mistake")
    make_completion(make_trainee(), run, recorded_at=clock.now())
    shown = outlook_board(counted())["report"]
    assert (shown["signed"], shown["signed"].persons, shown["net"]) == (report, 3, -1)
    assert [figures for _label, *figures in shown["kinds"]] == [[1, 1], [2, -2]]


def test_adjustments_are_worked_out_once_for_what_is_on_record(run):
    completion = make_completion(make_trainee(), run)
    report = sign()
    assert summary_by_kind(report, counted()) == []
    now = counted()
    with CaptureQueriesContext(connection) as queries:
        summary_by_kind(report, now)
    assert len(queries) == 0
    void_completion(by=PROGRAMME_OFFICE, completion=completion, reason="by mistake")
    assert summary_by_kind(report, counted()) == [("voided", 1, -1)]


def test_the_board_shows_the_last_reconciliation(run):
    make_completion(make_trainee(), run)
    assert outlook_board(counted())["waterfall"] is None
    reconcile_and_notify(by=PROGRAMME_OFFICE)
    shown = outlook_board(counted())["waterfall"]
    assert [step["count"] for step in shown["steps"]] == [0, 0, 1, 0, 1, 1]
    assert (shown["most"], shown["unexplained"]) == (1, 0)


def test_the_office_finds_the_classes_with_enrollments_to_approve(client):
    run, settled = make_run(), make_run()
    make_enrollment(run, state="nominated")
    make_enrollment(run, state="requested")
    make_enrollment(run)
    make_enrollment(settled)
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    context = client.get(reverse("my")).context
    assert [(run.code, run.pending) for run in context["board"]["to_approve"]] == [(run.code, 2)]
