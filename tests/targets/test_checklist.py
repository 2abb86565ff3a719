"""What the page shows before a period is signed: the bridge, and what is still open."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from common.spreadsheets import open_sheets
from counting.counter import counted
from courses.choices import RunState
from enrollment.services.completion import void_completion
from people.models import CandidatePair
from targets.models import PeriodReport
from targets.progress.adjustments import adjustments, in_readers_language
from targets.progress.checklist import checklist
from targets.progress.opening import opening_of
from targets.services.evidence import export_annex
from targets.services.nightly_reconciliation import reconcile_and_notify
from targets.services.reports import reopen
from tests.counting.makers import SIGNED_ON, make_letter, make_rule, make_signer, sign
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

SPRING: dict[str, Any] = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 5, 31)}
AUTUMN: dict[str, Any] = {"starts_on": dt.date(2024, 7, 1), "ends_on": dt.date(2024, 12, 31)}


@pytest.fixture
def classes():
    """One class in May, one in June, one in November; all are closed, the number reconciled."""
    reconcile_and_notify(by=SYSTEM)
    course = make_course("AI-1")
    make_rule([course])
    days = [dt.date(2024, month, 10) for month in (5, 6, 11)]
    return [make_run(course, starts_on=day, ends_on=day, state=RunState.CLOSED) for day in days]


def sign_spring() -> PeriodReport:
    day = dt.date(2024, 6, 5)
    return sign(day, make_letter("01/BC-BTTTT", day), **SPRING)


def open_points() -> dict[str, int]:
    with clock.set_to(SIGNED_ON):
        opening = opening_of(counted(AUTUMN["ends_on"]), AUTUMN["starts_on"])
        return {point.code: point.count for point in checklist(opening) if point.count}


def test_days_of_no_period_are_an_open_point_with_their_people(classes):
    sign_spring()
    make_completion(run=classes[1])
    assert open_points() == {"days_between": 30, "completed_between": 1}


def test_classes_and_pairs_still_open_are_open_points(classes):
    first, second = sorted((make_trainee(), make_trainee()), key=lambda one: one.pk)
    CandidatePair.objects.create(first=first, second=second)
    make_run(classes[0].course, starts_on=dt.date(2024, 11, 1), ends_on=dt.date(2024, 11, 2))
    assert open_points() == {"open_pairs": 1, "open_runs": 1}


def test_a_number_that_was_never_reconciled_is_an_open_point():
    make_rule([make_course("AI-1")])
    assert open_points() == {"never_reconciled": 1}


def test_nothing_is_signed_with_open_points_unless_somebody_says_so(
    classes, client, django_capture_on_commit_callbacks
):
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_spring()
    make_completion(run=classes[1])
    data = {
        "starts_on": "2024-07-01",
        "ends_on": "2024-12-31",
        "agreed_persons": 1,
        "number": "02/BC-BTTTT",
        "dated": SIGNED_ON.isoformat(),
        "signer": make_signer().pk,
        "recipients": "Lưu: VT",
    }
    with clock.set_to(SIGNED_ON):
        refused = client.post(reverse("new_report"), data)
        assert (
            "people who completed on days outside every signed period" in refused.content.decode()
        )
        assert (refused.status_code, PeriodReport.objects.count()) == (400, 1)
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("new_report"), data | {"acknowledged": "on"})
    report = PeriodReport.objects.latest("pk")
    assert report.content["checklist"]["completed_between"] == 1


def test_a_late_record_of_an_earlier_period_is_in_the_next_one(classes):
    sign_spring()
    late = dt.datetime(2024, 8, 1, tzinfo=clock.HANOI)
    make_completion(make_trainee(full_name="Ghi Muộn"), classes[0], recorded_at=late)
    opening = sign(**AUTUMN).content["opening"]
    assert opening["persons"] == {
        "opening": 0, "adjusted": 1, "between": 0, "new": 0, "closing": 1
    }  # fmt: skip
    assert (opening["newly_recorded"], opening["kinds"][0]["kind"]) == (1, "recorded_late")


def test_a_version_signed_again_names_what_it_replaces(classes):
    make_completion(run=classes[2])
    first = sign(**AUTUMN)
    reopen(by=PROGRAMME_OFFICE, report=first, reason="Bổ sung lớp ghi muộn")
    second = sign(letter=make_letter("03/BC-BTTTT"), **AUTUMN)
    (replaced,) = second.content["opening"]["replaces"]
    assert replaced["code"] == first.code
    assert (replaced["reason"], replaced["pack_sha256"]) == (
        "Bổ sung lớp ghi muộn",
        first.pack_sha256,
    )


def test_the_annex_names_each_adjustment_with_agency_sector_and_day(classes):
    who = make_trainee(full_name="Lê Thị An")
    done = make_completion(who, classes[0])
    sign_spring()
    with clock.set_to(dt.date(2024, 8, 1)):
        void_completion(by=PROGRAMME_OFFICE, completion=done, reason="Ghi nhầm")
    report = sign(**AUTUMN)
    made = export_annex(by=PROGRAMME_OFFICE, report=report, adjustments=True)
    (sheet,) = open_sheets(made, "annex.xlsx")
    rows = [row.values for row in sheet.rows()]
    assert [row[1:3] for row in rows[1:6]] == [(1, 1), (-1, -1), (0, 0), (0, 0), (0, 0)]
    named = [row for row in rows if "Lê Thị An" in row]
    assert [row[1:3] for row in named] == [(-1, None), (None, -1)]
    for row in named:
        assert row[5:7] == (dt.date(2024, 5, 10), done.sending_agency.name_vi)


def test_what_is_signed_is_worded_in_vietnamese_whoever_signs(classes):
    done = make_completion(run=classes[0])
    sign_spring()
    with clock.set_to(dt.date(2024, 8, 1)):
        void_completion(by=PROGRAMME_OFFICE, completion=done, reason="Ghi nhầm")
    with override("en"):
        report = sign(**AUTUMN)
    assert "hủy" in report.content["adjustments"][0]["detail"]
    assert report.content["adjustments"][0]["before_agency_name"] == done.sending_agency.name_vi


@pytest.mark.parametrize(("language", "name"), [("vi", "Bộ Y tế"), ("en", "Ministry of Health")])
def test_adjustments_name_agencies_in_the_readers_language(classes, language, name):
    health = make_agency(name_vi="Bộ Y tế", name_en="Ministry of Health")
    done = make_completion(make_trainee(health), classes[0])
    report = sign_spring()
    with clock.set_to(dt.date(2024, 8, 1)):
        void_completion(by=PROGRAMME_OFFICE, completion=done, reason="Ghi nhầm")
    with override(language):
        found = in_readers_language(adjustments(report))
    before = found.people[0].before
    assert before
    assert before.agency_name == name
    assert found.changes[0].credit.agency_name == name
