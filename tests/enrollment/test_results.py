"""Scores, exceptions, recognition, re-sits, corrections and results on paper."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Completion, Enrollment, ScoreEntry
from enrollment.services.attendance import mark_everyone
from enrollment.services.completion import close_run, outcomes, record_from_paper, void_completion
from enrollment.services.results import (
    Backfill,
    PaperResult,
    backfill,
    correct_completion,
    grant_exception,
    propose_closing,
    recognise,
    record_resit,
    record_scan,
    record_scores,
)
from notices.models import Notice
from tests.factories import (
    make_agency,
    make_course,
    make_enrollment,
    make_run,
    make_succession,
    make_trainee,
)

pytestmark = pytest.mark.django_db
DECISION: Any = {"number": "34/QĐ-ABC", "dated": dt.date(2026, 3, 20)}


def refused(code: str):
    return pytest.raises(EnrollmentError, check=lambda error: error.code == code)


def attended(course: Any = None, **fields: Any) -> tuple[CourseRun, Enrollment]:
    run = make_run(course, **fields)
    enrollment = make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    return run, enrollment


def graded() -> Any:
    return make_course(minimum_score=Decimal(5), grading="ten_points")


@pytest.mark.parametrize(
    ("score", "grade"), [("8", "good"), ("7.99", "fair"), ("7", "fair"), ("5", "average")]
)
def test_the_grade_follows_the_courses_scale(score: str, grade: str) -> None:
    run, enrollment = attended(graded())
    record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal(score)})
    close_run(by=OFFICE, run=run)
    assert Completion.objects.get().grade == grade


def test_a_course_sets_its_own_thresholds() -> None:
    course = make_course(grading="ten_points", good_from=Decimal(9), fair_from=Decimal("6.5"))
    run, enrollment = attended(course)
    record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal("8.5")})
    close_run(by=OFFICE, run=run)
    assert Completion.objects.get().grade == "fair"


def test_every_score_is_recorded_and_a_repeated_one_adds_nothing() -> None:
    run, enrollment = attended(graded())
    for score in ("4", "6", "6"):
        record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal(score)})
    assert list(ScoreEntry.objects.values_list("score", flat=True)) == [4, 6]


def test_a_score_lies_between_0_and_10() -> None:
    run, enrollment = attended(graded())
    with refused("score_of_ten"):
        record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal("10.5")})
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.update(score=Decimal(11))


def test_the_preview_explains_what_is_missing() -> None:
    run = make_run(graded())
    make_enrollment(run)
    (outcome,) = outcomes(run)
    assert len(outcome.reasons) == 2
    assert "0%" in outcome.reasons[0]


def test_an_exception_with_a_reason_lets_somebody_complete() -> None:
    run, enrollment = attended(graded())
    with refused("reason_missing"):
        grant_exception(by=OFFICE, enrollment=enrollment, reason=" ")
    grant_exception(by=OFFICE, enrollment=enrollment, reason="Được miễn thi")
    assert close_run(by=OFFICE, run=run).completed == 1
    completion = Completion.objects.get()
    assert completion.rule_met.endswith(";exception")
    assert completion.remark == "Được miễn thi"


def test_an_exception_that_was_not_needed_leaves_no_trace_in_the_completion() -> None:
    run, enrollment = attended()
    grant_exception(by=OFFICE, enrollment=enrollment, reason="Phòng khi cần")
    close_run(by=OFFICE, run=run)
    assert Completion.objects.get().remark == ""


def test_where_the_office_recognises_the_trainer_proposes_and_cannot_close() -> None:
    run, _enrollment = attended(make_course(recognised_by_office=True))
    with refused("recognition_missing"):
        close_run(by=OFFICE, run=run)
    assert propose_closing(by=OFFICE, run=run).closing_proposed_at
    assert recognise(by=OFFICE, run=run, **DECISION).completed == 1
    assert run.decisions.get(kind="recognition").number == "34/QĐ-ABC"


def test_a_refused_recognition_leaves_no_decision() -> None:
    run = make_run(make_course(recognised_by_office=True))
    make_enrollment(run)
    with refused("no_attendance"):
        recognise(by=OFFICE, run=run, **DECISION)
    assert not run.decisions.exists()


def test_a_resit_that_is_enough_completes_on_its_own_day() -> None:
    run, enrollment = attended(graded())
    record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal(3)})
    close_run(by=OFFICE, run=run)
    day = dt.date(2026, 4, 1)
    assert record_resit(by=OFFICE, enrollment=enrollment, score=Decimal(4), sat_on=day) is None
    completion = record_resit(by=OFFICE, enrollment=enrollment, score=Decimal(6), sat_on=day)
    assert completion
    assert (completion.completed_on, completion.grade) == (day, "average")
    assert list(ScoreEntry.objects.values_list("score", flat=True)) == [3, 4, 6]
    with refused("no_resit"):
        record_resit(by=OFFICE, enrollment=enrollment, score=Decimal(9), sat_on=day)


def test_a_resit_lies_after_the_last_session() -> None:
    run, enrollment = attended(graded())
    close_run(by=OFFICE, run=run)
    with refused("resit_day"):
        record_resit(by=OFFICE, enrollment=enrollment, score=Decimal(6), sat_on=dt.date(2026, 3, 1))


def test_a_correction_voids_and_records_again() -> None:
    run, enrollment = attended(graded())
    record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal(6)})
    close_run(by=OFFICE, run=run)
    old = Completion.objects.get()
    new = correct_completion(by=OFFICE, completion=old, reason="Nhập nhầm", score=Decimal(9))
    old.refresh_from_db()
    enrollment.refresh_from_db()
    assert (old.score, bool(old.voided_at)) == (Decimal(6), True)
    assert old.void_reason == "Nhập nhầm"
    assert (new.score, new.grade) == (Decimal(9), "good")
    assert (new.corrects, new.completed_on) == (old, old.completed_on)
    assert enrollment.state == "completed"
    assert AuditEntry.objects.filter(action="completion_corrected").count() == 1


def test_a_correction_that_changes_nothing_or_breaks_the_rule_is_refused() -> None:
    run, enrollment = attended(graded())
    record_scores(by=OFFICE, run=run, scores={enrollment.pk: Decimal(6)})
    close_run(by=OFFICE, run=run)
    old = Completion.objects.get()
    with refused("nothing_changed"):
        correct_completion(by=OFFICE, completion=old, reason="x", score=Decimal(6))
    with refused("rule_not_met"):
        correct_completion(by=OFFICE, completion=old, reason="x", score=Decimal(4))
    assert Completion.objects.not_voided().get() == old


def test_a_voided_result_cannot_be_corrected() -> None:
    run, enrollment = attended(graded())
    grant_exception(by=OFFICE, enrollment=enrollment, reason="x")
    close_run(by=OFFICE, run=run)
    old = Completion.objects.get()
    void_completion(by=OFFICE, completion=old, reason="Nhầm")
    with refused("already_voided"):
        correct_completion(by=OFFICE, completion=old, reason="x", score=Decimal(9))


def test_paper_results_are_recorded_once_with_their_scan_and_notify_nobody(settings) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    run, agency = make_run(state="closed"), make_agency()
    scan = record_scan(by=OFFICE, run=run, content=b"%PDF-1.7 scan", name="ket-qua.pdf")
    assert record_scan(by=OFFICE, run=run, content=b"%PDF-1.7 scan", name="b.pdf") == scan
    results = [
        PaperResult(make_trainee(agency, email=f"p{n}@x.vn"), dt.date(2026, 3, 11))
        for n in range(3)
    ]
    arguments: Any = {"by": OFFICE, "run": run, "sending_agency": agency, "paper": scan}
    assert backfill(results=results, **arguments) == Backfill(3, 0)
    assert backfill(results=results, **arguments) == Backfill(0, 3)
    completions = Completion.objects.filter(evidence="paper", paper=scan, enrollment=None)
    assert completions.count() == 3
    assert not Enrollment.objects.exists()
    assert not Notice.objects.exists()


def test_a_paper_result_keeps_the_sender_as_it_was_on_its_day() -> None:
    old, new = make_agency(), make_agency(kind="province")
    make_succession(old, new, on=dt.date(2026, 3, 1))
    run = make_run()
    scan = record_scan(by=OFFICE, run=run, content=b"scan", name="a.pdf")
    for day in (dt.date(2026, 2, 28), dt.date(2026, 3, 1)):
        results = [PaperResult(make_trainee(old), day)]
        backfill(
            by=OFFICE, run=run, sending_agency=old, results=results, paper=scan, reason="Học sớm"
        )
    senders = Completion.objects.order_by("completed_on").values_list("sending_agency", flat=True)
    assert list(senders) == [old.pk, new.pk]


def test_a_result_of_tomorrow_and_an_empty_scan_are_refused() -> None:
    run, agency = make_run(), make_agency()
    with refused("empty_file"):
        record_scan(by=OFFICE, run=run, content=b"", name="a.pdf")
    scan = record_scan(by=OFFICE, run=run, content=b"scan", name="a.pdf")
    tomorrow = clock.today() + dt.timedelta(days=1)
    results = [PaperResult(make_trainee(agency), dt.date(2026, 3, 11))]
    results += [PaperResult(make_trainee(agency), tomorrow)]
    with refused("in_the_future"):
        backfill(by=OFFICE, run=run, sending_agency=agency, results=results, paper=scan)
    assert not Completion.objects.exists()


def test_a_cancelled_class_takes_no_results_from_paper() -> None:
    run, trainee = make_run(state="cancelled"), make_trainee()
    with refused("run_cancelled"):
        record_from_paper(
            by=OFFICE,
            run=run,
            trainee=trainee,
            sending_agency=trainee.agency,
            completed_on=run.ends_on,
        )
