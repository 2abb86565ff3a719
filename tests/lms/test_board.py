import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.counter import counted
from enrollment.services.completion import void_completion
from lms.views.home.number import number_panel, statuses_of_quotas, urged
from lms.views.home.report import contradictions, last_report
from targets.models import Target
from targets.progress.adjustments import summary_by_kind
from targets.services.nightly_reconciliation import reconcile_and_notify
from targets.services.quotas import set_quota
from tests.counting.makers import make_indicator, make_rule, sign
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_trainee,
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
    shown = urged(statuses_of_quotas(counted()))
    behind = [large, small, at_risk[3]]
    assert [status.quota.agency for status, _tone in shown] == [one.agency for one in behind]


def test_adjustments_since_the_last_sign_off_are_listed_by_kind(run):
    completions = [make_completion(make_trainee(), run) for _n in range(3)]
    report = sign()
    for completion in completions[:2]:
        void_completion(by=PROGRAMME_OFFICE, completion=completion, reason="by mistake")
    make_completion(make_trainee(), run, recorded_at=clock.now())
    shown = last_report(counted())
    assert shown is not None
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


def test_a_contradiction_of_the_last_reconciliation_is_told(run):
    make_completion(make_trainee(), run)
    assert contradictions() == 0
    reconcile_and_notify(by=PROGRAMME_OFFICE)
    entry = AuditEntry.objects.get(action="reconciled")
    assert contradictions() == entry.details["unexplained"] == 0


def test_the_number_comes_with_what_was_gained_in_thirty_days(run):
    make_completion(make_trainee(), run)
    today = make_run(run.course, starts_on=clock.today(), ends_on=clock.today())
    make_completion(make_trainee(), today, completed_on=clock.today(), recorded_at=clock.now())
    panel = number_panel(counted())
    assert (panel["number"], panel["gained"]) == ("2", "+1")
    assert "2" in panel["line"]


def test_without_results_the_number_says_so_and_forecasts_nothing(run):
    panel = number_panel(counted())
    assert panel["is_empty"]
    assert panel["forecast"] is None
