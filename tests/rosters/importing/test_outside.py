"""Results from elsewhere come in by roster: whose, of which platform and course, on which day."""

import contextlib
import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from certificates.errors import CertificateError
from certificates.services.issuance import register_certificates
from common import clock
from counting.counter import counted
from courses.models import CourseRun
from enrollment.choices import OWN_EVIDENCE, Evidence
from enrollment.errors import EnrollmentError
from enrollment.models import Completion, Enrollment
from enrollment.services.completion import void_completion
from enrollment.services.outside import (
    match_outside_course,
    outside_key,
    rematch_outside_course,
)
from people.models import Trainee
from targets.progress.reconciliation import reconcile
from tests.common.workbooks import workbook
from tests.counting.makers import make_rule
from tests.factories import make_agency, make_course, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

HEADINGS = [
    "Họ và tên", "Ngày sinh", "Nền tảng", "Khóa học", "Ngày hoàn thành", "Số giờ", "Minh chứng",
]  # fmt: skip
AN, BINH = ["Nguyễn Văn An", "12/03/1980"], ["Trần Thị Bình", "01/02/1990"]
COURSERA = ["Coursera", "AI For Everyone", "05/03/2024", "12", "ABC-123"]
EDX = ["edX", "Prompting", "10/04/2024", "1,5", "https://edx.example/c/9"]


@pytest.fixture
def course():
    return make_course("AI-101", title_vi="Tổng quan trí tuệ nhân tạo")


@pytest.fixture
def runs(course):
    """The external runs of both platforms."""
    return [
        match_outside_course(by=PROGRAMME_OFFICE, platform=row[0], title=row[1], course=course)
        for row in (COURSERA, EDX)
    ]


@pytest.fixture
def send(tmp_path, capsys):
    agency = make_agency("moet", name_vi="Bộ Giáo dục và Đào tạo")

    def sent(*rows, headings=HEADINGS):
        file = tmp_path / "results.xlsx"
        file.write_bytes(workbook(headings, *rows))
        with contextlib.suppress(SystemExit):
            call_command("outside_results", str(file), "--agency", agency.slug, "--json")
        out, errors = capsys.readouterr()
        return json.loads(out) | ({"findings": errors} if errors else {})

    return sent


@pytest.fixture
def office(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


def test_each_row_is_a_result_of_its_platform_on_the_day_of_its_proof(send, runs):
    assert send([*AN, *COURSERA], [*BINH, *EDX]) == {"rows": 2, "recorded": 2, "already": 0}
    first, second = Completion.objects.order_by("completed_on")
    assert (first.run, first.completed_on) == (runs[0], dt.date(2024, 3, 5))
    assert first.hours == Decimal(12)
    assert (first.evidence, first.remark, first.day_reason) == ("elsewhere", "ABC-123", "")
    assert (second.hours, second.sending_agency.slug) == (Decimal("1.5"), "moet")
    assert not Enrollment.objects.exists()
    assert not Completion.objects.outside_class_days().exists()


def test_the_run_of_a_platform_has_no_seats(runs, course):
    (run, _other) = runs
    assert (run.capacity, run.state, run.is_outside) == (0, "closed", True)
    assert run not in CourseRun.objects.of_the_programme()
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRun.objects.filter(pk=run.pk).update(capacity=5)


def test_one_person_may_complete_several_courses_of_one_list(send, runs):
    assert send([*AN, *COURSERA], [*AN, *EDX])["recorded"] == 2
    assert Trainee.objects.count() == 1
    assert set(Completion.objects.values_list("run", flat=True)) == {run.pk for run in runs}


def test_a_list_that_is_sent_again_makes_nobody_and_nothing_twice(send, runs):
    send([*AN, *COURSERA], [*BINH, *EDX])
    assert send([*AN, *COURSERA], [*BINH, *EDX])["already"] == 2
    assert send([*AN, *COURSERA], [*AN, *COURSERA], [*AN, *EDX])["recorded"] == 1
    assert (Trainee.objects.count(), Completion.objects.count()) == (2, 3)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_sent_how_often_there_is_one_result_for_each_person_and_course(
    send, runs, files
):
    with contextlib.suppress(RollbackError), transaction.atomic():
        for file in files:
            send(*([*(AN if an else BINH), *(EDX if edx else COURSERA)] for an, edx in file))
        sent = {pair for file in files for pair in file}
        assert Completion.objects.count() == len(sent)
        assert Trainee.objects.count() == len({an for an, _edx in sent})
        raise RollbackError


class RollbackError(Exception):
    """Each example begins with an empty database."""


@pytest.mark.parametrize(
    ("at", "cell", "heading"),
    [
        (0, "Udemy", "Khóa học"),
        (0, "", "Nền tảng"),
        (1, "Another course", "Khóa học"),
        (2, "31/02/2024", "Ngày hoàn thành"),
        (2, "", "Ngày hoàn thành"),
        (2, "01/01/2990", "Ngày hoàn thành"),
        (2, "01/01/1999", "Ngày hoàn thành"),
        (3, "nhiều", "Số giờ"),
        (3, "0", "Số giờ"),
        (4, "", "Minh chứng"),
    ],
)
def test_a_row_without_a_sound_course_day_or_proof_is_rejected_by_its_cell(
    send, runs, at, cell, heading
):
    row = [*COURSERA]
    row[at] = cell
    answer = send([*AN, *EDX], [*BINH, *row])
    assert answer["error"]["code"] == "rows_rejected"
    assert f"Dòng 3, cột “{heading}”" in answer["findings"]
    assert not Completion.objects.exists()
    assert not Trainee.objects.exists()


def test_a_day_before_somebody_was_born_is_refused(send, runs):
    born = ["Nguyễn Văn Trẻ", "05/03/2005", "Coursera", "AI For Everyone", "04/03/2004", "", "ABC"]
    assert send(born)["error"]["code"] == "before_birth"
    assert not Trainee.objects.exists()


def test_missing_columns_are_named(send, runs):
    answer = send([*AN, "Coursera"], headings=HEADINGS[:3])
    assert answer["error"]["code"] == "column_missing"


def test_before_any_match_the_list_is_refused(send):
    assert send([*AN, *COURSERA])["error"]["code"] == "no_outside_course"


@pytest.mark.parametrize("platform", ["COURSERA", "  coursera ", "Coursera\n"])
def test_case_and_blanks_of_a_platform_do_not_matter(send, runs, platform):
    assert send([*AN, platform, *COURSERA[1:]])["recorded"] == 1


def test_whether_they_count_says_the_rule_and_by_default_they_do_not(send, runs, course):
    make_rule([course])
    send([*AN, *COURSERA])
    assert counted().persons == 0
    make_rule([course], evidence_kinds=[*OWN_EVIDENCE, Evidence.ELSEWHERE], reason="MOOC")
    assert counted().persons == 1
    assert counted(as_of=dt.date(2024, 3, 4)).persons == 0
    assert counted(as_of=dt.date(2024, 3, 5)).persons == 1


def test_the_explanation_says_where_it_was_completed(send, runs, course, office):
    make_rule([course], evidence_kinds=[Evidence.ELSEWHERE])
    send([*AN, *COURSERA])
    code = Trainee.objects.get().code
    page = office.get(reverse("explain", args=[code]), headers={"accept-language": "en"})
    text = page.content.decode()
    assert "Completed at" in text
    assert "Coursera: AI For Everyone" in text
    assert "ABC-123" in text
    (fact,) = [value for label, value in page.context["facts"] if label == "Hours"]
    assert fact == "12"


def test_nobody_gets_our_certificate_for_what_another_organiser_certified(send, runs):
    send([*AN, *COURSERA])
    with pytest.raises(CertificateError) as refused:
        register_certificates(by=PROGRAMME_OFFICE, run=runs[0])
    assert refused.value.code == "held_elsewhere"


def test_results_from_elsewhere_reconcile(send, runs, course):
    make_rule([course])
    send([*AN, *COURSERA])
    assert reconcile().unexplained == []


# ── Which course of the programme it stands for ───────────────────────────────────────


def test_the_office_matches_courses_on_a_page_and_it_is_on_record(office, course):
    answer = {"platform": "Coursera", "title": "AI For Everyone", "course": course.code}
    assert office.post(reverse("match_course"), answer).status_code == 302
    run = CourseRun.objects.get(outside_key=outside_key("coursera", "ai for everyone"))
    entry = AuditEntry.objects.get(action="outside_course_matched")
    assert entry.details["course"] == course.code
    page = office.get(reverse("outside_courses")).content.decode()
    assert "AI For Everyone" in page
    again = office.post(reverse("match_course"), answer | {"platform": "COURSERA"})
    assert again.status_code == 400
    other = make_course()
    office.post(reverse("rematch_course", args=[run.code]), {"course": other.code})
    run.refresh_from_db()
    assert run.course == other


def test_the_match_stays_while_somebody_has_a_result_of_it(send, runs):
    send([*AN, *COURSERA])
    other = make_course()
    with pytest.raises(EnrollmentError) as refused:
        rematch_outside_course(by=PROGRAMME_OFFICE, run=runs[0], course=other)
    assert refused.value.code == "has_results"
    void_completion(by=PROGRAMME_OFFICE, completion=Completion.objects.get(), reason="Nhầm")
    assert rematch_outside_course(by=PROGRAMME_OFFICE, run=runs[0], course=other).course == other


def test_the_days_of_the_run_are_those_of_its_results(send, runs):
    send([*AN, *COURSERA], [*BINH, "Coursera", "AI For Everyone", "01/12/2024", "", "XYZ"])
    runs[0].refresh_from_db()
    assert (runs[0].starts_on, runs[0].ends_on) == (dt.date(2024, 3, 5), dt.date(2024, 12, 1))
    assert runs[0].ends_on <= clock.today()
