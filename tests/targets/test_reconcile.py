"""From enrolled to counted: names, reasons, and what nothing explains."""

import datetime as dt

import pytest
from django.utils import translation

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE
from certificates.choices import CertificateState
from certificates.models import Certificate, CertificateDesign, IssuingBody, Signer
from common import clock
from counting.cache_check import difference_from
from counting.counter import counted
from courses.choices import RunState
from courses.models import Course, CourseRun
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Completion, Enrollment
from people.services.merges import merge
from targets.progress import reconcile
from targets.progress.reconciliation_rows import Named
from targets.progress.signed_list import hash_of_list
from targets.services.nightly_reconciliation import reconcile_and_store
from tests.counting.makers import make_rule, sign
from tests.factories import (
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = make_run(state=RunState.CLOSED)
    make_rule([run.course])
    return run


def seated(run, state=EnrollmentState.COMPLETED, mark=Mark.PRESENT):
    """An enrollment with a seat in the run, and a mark in its first session."""
    enrollment = make_enrollment(run, state=state)
    CourseRun.objects.filter(pk=run.pk).update(seats_taken=run.enrollments.count())
    if mark:
        Attendance.objects.create(
            enrollment=enrollment,
            session=run.sessions.first(),
            mark=mark,
            evidence=Evidence.TRAINERS_MARK,
            recorded_by="test",
        )
    return enrollment


def complete(run, **fields):
    enrollment = seated(run)
    return make_completion(enrollment.trainee, run, enrollment=enrollment, **fields)


def certify(completion, number=1, **fields):
    body = IssuingBody.objects.create(name="Bộ", place="Hà Nội")
    design, _created = CertificateDesign.objects.get_or_create(slug="plain")
    return Certificate.objects.create(
        completion=completion,
        register="AI",
        year=2026,
        register_number=number,
        serial_number=f"S{number}",
        design=design,
        signer=Signer.objects.create(body=body, name="A", title="B"),
        printed={},
        **fields,
    )


def void(completion):
    Completion.objects.filter(pk=completion.pk).update(
        voided_at=clock.now(), void_reason="a mistake"
    )
    completion.enrollment.state = EnrollmentState.NOT_COMPLETED
    completion.enrollment.save()


def counts():
    found = reconcile()
    assert found.ok, found.unexplained
    assert_it_adds_up(found)
    return {step.key: step.count for step in found.steps}


def assert_it_adds_up(found):
    before = found.steps[0].count
    for step in found.steps[1:]:
        assert step.count == before + sum(reason.count for reason in step.reasons)
        assert all(abs(reason.count) == len(reason.people) for reason in step.reasons)
        before = step.count


def named(row):
    return Named(row.trainee.code, row.run.code)


def reasons(key):
    steps = {step.key: step for step in reconcile().steps}
    return {reason.code: (reason.count, list(reason.people)) for reason in steps[key].reasons}


def unexplained():
    found = reconcile()
    assert_it_adds_up(found)
    return [finding.code for finding in found.unexplained]


def test_nothing_reconciles_with_nothing():
    assert set(counts().values()) == {0}


def test_a_person_who_went_the_whole_way_leaves_no_difference(run):
    certify(complete(run))
    assert set(counts().values()) == {1}


@pytest.mark.parametrize(("mark", "code"), [(None, "no_attendance_recorded"), ("absent", "absent")])
def test_who_attended_nothing_is_named(run, mark, code):
    enrollment = seated(run, EnrollmentState.NOT_COMPLETED, mark)
    assert reasons("attended") == {code: (-1, [named(enrollment)])}
    assert counts()["attended"] == 0


def test_a_class_still_to_come_explains_missing_attendance():
    tomorrow = clock.today() + dt.timedelta(days=1)
    seated(make_run(starts_on=tomorrow, ends_on=tomorrow), EnrollmentState.ENROLLED, mark=None)
    assert list(reasons("attended")) == ["not_begun"]


def test_who_attended_but_did_not_complete_is_named_with_the_reason(run):
    below = seated(run, EnrollmentState.NOT_COMPLETED)
    going_on = seated(make_run(state=RunState.RUNNING), EnrollmentState.ENROLLED)
    voided = complete(run)
    void(voided)
    assert reasons("completed") == {
        "below_the_rule": (-1, [named(below)]),
        "run_not_closed": (-1, [named(going_on)]),
        "completion_voided": (-1, [named(voided)]),
    }
    assert counts()["completed"] == 0


def test_somebody_is_named_with_each_class_in_which_it_happened(run):
    first = seated(run, EnrollmentState.NOT_COMPLETED)
    other = seated(make_run(code="OTHER", state=RunState.CLOSED), EnrollmentState.NOT_COMPLETED)
    Enrollment.objects.filter(pk=other.pk).update(trainee=first.trainee)
    people = [Named(first.trainee.code, code) for code in sorted((run.code, "OTHER"))]
    assert reasons("completed") == {"below_the_rule": (-2, people)}


def test_results_on_paper_come_in_beside_the_enrollments(run):
    completion = make_completion(run=run, evidence=Evidence.PAPER, attendance_percent=None)
    assert reasons("completed") == {"on_paper": (1, [named(completion)])}
    assert counts()["completed"] == 1


def test_completions_without_a_live_certificate_are_named(run):
    revoked, none, live = complete(run), complete(run), complete(run)
    certify(live, 1)
    certify(
        revoked,
        2,
        state=CertificateState.REVOKED,
        revoked_at=clock.now(),
        revocation_reason="wrong name",
    )
    assert reasons("certificated") == {
        "revoked": (-1, [named(revoked)]),
        "not_issued_yet": (-1, [named(none)]),
    }
    assert counts()["people"] == 3


def test_a_certificate_of_a_voided_completion_is_no_contradiction(run):
    completion = complete(run)
    certify(completion)
    void(completion)
    assert counts()["certificated"] == 0


def test_further_completions_and_merged_rows_are_one_person(run):
    first = complete(run)
    again = make_completion(first.trainee, make_run(run.course))
    other = make_completion(make_trainee(), run, completed_on=dt.date(2026, 4, 1))
    merge(by=PROGRAMME_OFFICE, survivor=first.trainee, absorbed=other.trainee)
    found = reasons("people")
    assert found["again"] == (-1, [named(again)])
    assert found["merged_rows"] == (-1, [named(other)])
    assert counts()["people"] == 1


def test_who_does_not_count_is_named_with_the_reason(run):
    completion = complete(make_run(make_course(), state=RunState.CLOSED))
    assert reasons("counted") == {"course": (-1, [named(completion)])}
    assert counts()["counted"] == 0


def test_without_a_rule_that_is_the_reason():
    complete(make_run(state=RunState.CLOSED))
    assert list(reasons("counted")) == ["no_rule"]


# What nothing explains ------------------------------------------------------------------


def test_a_completion_of_an_enrollment_that_is_not_completed_is_unexplained(run):
    completion = complete(run)
    completion.enrollment.state = EnrollmentState.ENROLLED
    completion.enrollment.save()
    assert unexplained() == ["enrollment_not_completed"]


def test_a_completed_enrollment_without_a_completion_is_unexplained(run):
    seated(run)
    assert unexplained() == ["no_reason", "completion_missing"]


def test_an_enrollment_without_outcome_in_a_closed_class_is_unexplained(run):
    seated(run, EnrollmentState.ENROLLED)
    assert unexplained() == ["no_reason"]


def test_attendance_without_any_mark_is_unexplained(run):
    completion = complete(run)
    Attendance.objects.all().delete()
    found = reconcile()
    assert [finding.code for finding in found.unexplained] == ["marks_missing"]
    assert completion.trainee.code in found.unexplained[0].message


def test_a_course_that_changed_its_code_is_unexplained(run):
    complete(run)
    Course.objects.update(code="RENAMED")
    assert "course_unknown" in unexplained()


def test_seats_that_nobody_holds_are_unexplained(run):
    CourseRun.objects.filter(pk=run.pk).update(seats_taken=3)
    assert unexplained() == ["seats"]


# Signed reports -------------------------------------------------------------------------


@pytest.fixture
def report(run):
    for day in (dt.date(2024, 3, 11), dt.date(2024, 3, 12)):
        complete(run, completed_on=day)
    return sign()


def altered(report, **fields):
    """The list as somebody past the triggers left it: another version than in the audit log."""
    details = {"report": f"{report.ends_on}-v2", "names_sha256": report.names_sha256}
    AuditEntry.objects.create(action="period_signed", actor_label="test", details=details)
    fields = {"names": report.names, "completions": list(report.counted_completions())} | fields
    report.content["completions"] = fields.pop("completions")
    report.names_in_one, report.lists = fields.pop("names"), None
    report.pk, report.version, report.reopened_at, report.reopen_reason = None, 2, clock.now(), "x"
    for name, value in fields.items():
        setattr(report, name, value)
    report.save()


def test_a_signed_report_comes_out_again(report):
    assert unexplained() == []


def test_a_signed_figure_that_does_not_come_out_again_is_unexplained(report):
    altered(report, persons=3)
    assert unexplained() == ["report_differs"]


def test_a_list_that_names_another_person_is_unexplained(report):
    names = report.names
    names[0]["person"] = make_trainee().pk
    altered(report, names=names)
    assert unexplained() == ["report_differs"]
    assert "People who differ: 2; completions: 1." in message()


def test_two_people_who_were_exchanged_are_unexplained(report):
    one, other = report.names
    one["person"], other["person"] = other["person"], one["person"]
    altered(report, names=[one, other])
    assert unexplained() == ["report_differs"]


def test_a_completion_that_the_figure_did_not_rest_on_is_unexplained(report):
    completions = list(report.counted_completions())
    completions[0]["id"] += 1000
    altered(report, completions=completions)
    assert unexplained() == ["report_differs"]


def test_a_list_that_was_altered_bears_another_hash(report):
    names = report.names
    names[0]["since"] = "2024-03-10"
    altered(report, names=names)
    assert unexplained() == ["list_altered"]


def test_a_hash_altered_with_its_list_is_not_the_one_in_the_audit_log(report):
    names = report.names
    names[0]["since"] = "2024-03-10"
    altered(report, names=names, names_sha256=hash_of_list(names))
    assert unexplained() == ["list_altered"]


def message():
    with translation.override("en"):
        (finding,) = reconcile().unexplained
        return finding.message


# Records that change while they are read ------------------------------------------------


def test_a_contradiction_that_is_none_the_next_moment_is_not_told(run):
    seats = CourseRun.objects.filter(pk=run.pk)
    seats.update(seats_taken=3)
    calls = []
    reconcile(advance=lambda: calls.append(1))
    looks_once = len(calls)

    def advance():
        calls.append(1)
        if len(calls) == 2 * looks_once + 1:  # the first look is over
            seats.update(seats_taken=0)

    found = reconcile_and_store(by=PROGRAMME_OFFICE, advance=advance)
    assert found.unexplained == []


def test_a_contradiction_that_stays_is_told(run):
    CourseRun.objects.filter(pk=run.pk).update(seats_taken=3)
    found = reconcile_and_store(by=PROGRAMME_OFFICE)
    assert [one.code for one in found.unexplained] == ["seats"]


def test_totals_that_change_while_they_are_compared_are_no_contradiction(run, monkeypatch):
    complete(run)

    def compared(replay):
        complete(run)
        counted()  # applies it
        return difference_from(replay)

    monkeypatch.setattr("targets.progress.findings.difference_from", compared)
    assert [one.code for one in reconcile().unexplained] == []
