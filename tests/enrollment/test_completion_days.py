"""The day of a completion is one of the class's days, or has a reason and a document."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from common.errors import DomainError
from enrollment.models import Completion
from enrollment.services.completion import close_run, record_from_paper
from enrollment.services.results import correct_completion, record_scan
from targets.progress.reconciliation import reconcile
from tests.factories import (
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
EARLIER = dt.date(2025, 12, 31)


def recorded(day: dt.date, *, with_scan: bool = True, **given: Any) -> Completion:
    run = make_run(starts_on=dt.date(2026, 3, 10), ends_on=dt.date(2026, 3, 11))
    trainee = make_trainee(birth_date=given.pop("birth_date", dt.date(1980, 3, 5)))
    scan = record_scan(by=OFFICE, run=run, content=b"scan", name="a.pdf") if with_scan else None
    return record_from_paper(
        by=OFFICE, run=run, trainee=trainee, sending_agency=trainee.agency,
        completed_on=day, paper=scan, **given,
    )  # fmt: skip


@pytest.mark.parametrize("day", [dt.date(2026, 3, 10), dt.date(2026, 3, 11)])
def test_a_day_of_the_class_needs_no_reason(day: dt.date) -> None:
    assert recorded(day, with_scan=False, reason="unused").day_reason == ""


@pytest.mark.parametrize("given", [{}, {"reason": " "}, {"reason": "Sớm", "with_scan": False}])
@pytest.mark.parametrize("day", [EARLIER, dt.date(2026, 3, 9), dt.date(2026, 3, 12)])
def test_another_day_needs_a_reason_and_a_document(day: dt.date, given: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as refused:
        recorded(day, **given)
    assert refused.value.code == "outside_class_days"
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (dt.date(1, 1, 1), "too_early"),
        (dt.date(1949, 10, 1), "too_early"),
        (dt.date(2999, 1, 1), "in_the_future"),
        (dt.date(2001, 5, 1), "before_birth"),
    ],
)
def test_an_impossible_day_is_refused_whatever_the_reason(day: dt.date, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        recorded(day, reason="Theo giấy", birth_date=dt.date(2001, 5, 2))
    assert refused.value.code == code


def test_another_day_is_listed_with_its_reason_when_reconciling() -> None:
    completion = recorded(EARLIER, reason="Bảo vệ sớm")
    (other,) = reconcile().outside_class_days
    assert (other.code, other.completed_on) == (completion.trainee.code, EARLIER)
    assert other.reason == "Bảo vệ sớm"


def test_another_day_without_a_reason_on_record_is_listed_too() -> None:
    make_completion(completed_on=EARLIER)
    assert [other.reason for other in reconcile().outside_class_days] == [""]


def test_a_correction_of_the_day_obeys_the_same_rule() -> None:
    old = recorded(dt.date(2026, 3, 11), with_scan=False)
    with pytest.raises(DomainError) as refused:
        correct_completion(by=OFFICE, completion=old, reason="Sai ngày", completed_on=EARLIER)
    assert refused.value.code == "outside_class_days"
    scan = record_scan(by=OFFICE, run=old.run, content=b"scan", name="a.pdf")
    new = correct_completion(
        by=OFFICE, completion=old, reason="Sai ngày", completed_on=EARLIER, document=scan
    )
    assert (new.day_reason, new.paper) == ("Sai ngày", scan)
    again = correct_completion(
        by=OFFICE, completion=new, reason="Nhầm", completed_on=dt.date(2026, 3, 10)
    )
    assert again.day_reason == ""


def test_closing_a_class_leaves_a_result_on_paper_alone() -> None:
    run = make_run(make_course(minimum_attendance=0), sessions=0, state="running")
    enrollment = make_enrollment(run)
    paper = record_from_paper(
        by=OFFICE, run=run, trainee=enrollment.trainee, completed_on=run.ends_on,
        sending_agency=enrollment.sending_agency,
    )  # fmt: skip
    close_run(by=OFFICE, run=run)
    assert list(Completion.objects.all()) == [paper]
    enrollment.refresh_from_db()
    assert enrollment.state == "completed"


# On the pages --------------------------------------------------------------------------------


@pytest.fixture
def office(client: Client) -> Client:
    user = make_user("programme_office")
    create_second_factor(by=OFFICE, user=user)
    client.force_login(user)
    return client


def correction(completion: Completion, **form: Any) -> dict[str, Any]:
    sender = completion.sending_agency.slug
    return {"completed_on": "31/12/2025", "sending_agency": sender, "reason": "Bảo vệ sớm"} | form


def test_the_correction_page_refuses_another_day_without_a_document(office: Client) -> None:
    old = recorded(dt.date(2026, 3, 11), with_scan=False)
    page = reverse("correct_result", args=[old.run.code, old.pk])
    answer = office.post(page, correction(old))
    assert "10/03/2026" in answer.content.decode()
    assert list(Completion.objects.not_voided()) == [old]


def test_the_correction_page_refuses_another_day_without_a_reason(office: Client) -> None:
    old = recorded(dt.date(2026, 3, 11), with_scan=False)
    page = reverse("correct_result", args=[old.run.code, old.pk])
    scan = SimpleUploadedFile("a.pdf", b"%PDF-1.7 scan")
    answer = office.post(page, correction(old, reason="", document=scan))
    assert "reason" in answer.context["form"].errors
    assert list(Completion.objects.not_voided()) == [old]


def test_another_day_from_the_correction_page_shows_on_the_persons_page(office: Client) -> None:
    old = recorded(dt.date(2026, 3, 11), with_scan=False)
    page = reverse("correct_result", args=[old.run.code, old.pk])
    scan = SimpleUploadedFile("a.pdf", b"%PDF-1.7 scan")
    assert office.post(page, correction(old, document=scan)).status_code == 302
    new = Completion.objects.not_voided().get()
    assert (new.completed_on, new.day_reason) == (EARLIER, "Bảo vệ sớm")
    assert new.paper
    shown = office.get(reverse("person", args=[new.trainee.code])).content.decode()
    assert "Bảo vệ sớm" in shown
    assert "31/12/2025" in shown
