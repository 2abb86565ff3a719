"""Withdrawing loses nothing: the agency's remarks and the reason for leaving are two columns."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.services import create_second_factor
from audit.services import SYSTEM
from common.personal_fields import erase_declared
from enrollment.models import CompletionException, Enrollment
from enrollment.services.enrollments import Nominee, nominate, reject, replace_nominee, withdraw
from enrollment.services.nomination_undo import undo_nomination
from enrollment.services.privacy import erase, show
from enrollment.services.results import grant_exception
from enrollment.services.run_changes import cancel_run
from people.choices import RequestState
from people.services import data_requests
from people.services.privacy import subject_of
from tests.factories import (
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

REMARKS, REASON = "Ăn chay, đi cùng xe cơ quan", "Đi công tác đột xuất"
FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}


def nominated(approval: str = "none", trainee: Any = None) -> Enrollment:
    run = make_run(make_course(approval=approval), **FAR)
    trainee = trainee or make_trainee()
    nominee = Nominee(trainee.pk, {"remarks": REMARKS})
    nominate(by=SYSTEM, run=run, sending_agency=trainee.agency, nominees=[nominee])
    return Enrollment.objects.get()


def _replace(enrollment: Enrollment) -> None:
    other = make_trainee(enrollment.sending_agency)
    replace_nominee(by=SYSTEM, enrollment=enrollment, trainee=other, reason=REASON)


WAYS_OUT: dict[str, tuple[str, Callable[[Enrollment], Any]]] = {
    "withdrawn": ("none", lambda p: withdraw(by=SYSTEM, enrollment=p, reason=REASON)),
    "withdrawn before approval": (
        "office",
        lambda p: withdraw(by=SYSTEM, enrollment=p, reason=REASON),
    ),
    "rejected": ("office", lambda p: reject(by=SYSTEM, enrollment=p, reason=REASON)),
    "replaced": ("none", _replace),
    "class cancelled": ("none", lambda p: cancel_run(by=SYSTEM, run=p.run, reason=REASON)),
    "roster undone": (
        "none",
        lambda p: undo_nomination(by=SYSTEM, run=p.run, trainee_ids=[p.trainee_id], reason=REASON),
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_out_of_a_class_loses_the_remarks_of_the_agency(way) -> None:
    approval, leave = WAYS_OUT[way]
    enrollment = nominated(approval)
    leave(enrollment)
    enrollment.refresh_from_db()
    assert enrollment.state in ("rejected", "withdrawn", "cancelled")
    assert (enrollment.remarks, enrollment.withdrawal_reason) == (REMARKS, REASON)


@pytest.mark.django_db
def test_the_page_of_the_class_and_of_the_person_show_both(client) -> None:
    enrollment = nominated("office")
    reject(by=SYSTEM, enrollment=enrollment, reason=REASON)
    client.force_login(make_coordinator(enrollment.sending_agency))
    for address in (f"/runs/{enrollment.run.code}/", f"/people/{enrollment.trainee.code}/"):
        text = client.get(address).content.decode()
        assert REMARKS in text, address
        assert REASON in text, address


@pytest.mark.django_db
def test_whoever_approves_reads_the_remarks_first(client) -> None:
    enrollment = nominated("office")
    office = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    assert REMARKS in client.get(f"/runs/{enrollment.run.code}/seats/").content.decode()


@pytest.mark.django_db
def test_people_read_on_their_own_page_why_their_enrollment_ended(client) -> None:
    user = make_user("trainee")
    enrollment = nominated("office", make_trainee(user=user))
    reject(by=SYSTEM, enrollment=enrollment, reason=REASON)
    client.force_login(user)
    assert REASON in client.get("/my/").content.decode()


@pytest.mark.django_db
def test_own_data_contain_both_and_an_erasure_leaves_neither() -> None:
    enrollment = nominated()
    withdraw(by=SYSTEM, enrollment=enrollment, reason=REASON)
    subject = subject_of(enrollment.trainee)
    (row,) = show(subject, in_clear=True)[0].rows
    assert (row["remarks"], row["withdrawal_reason"]) == (REMARKS, REASON)
    erase(subject)
    erase_declared("enrollments", subject)
    enrollment.refresh_from_db()
    assert (enrollment.remarks, enrollment.withdrawal_reason) == ("", "")


# ── Other columns that a second action wrote over ─────────────────────────────────────


@pytest.mark.django_db
def test_the_answer_to_a_data_request_leaves_the_reply_within_two_days() -> None:
    asked = data_requests.ask(by=SYSTEM, trainee=make_trainee(), kind="correct", text="Sửa tên")
    for state, text in (
        (RequestState.REPLIED, "Đã nhận, đang xác minh."),
        (RequestState.REPLIED, "Cần bản sao giấy khai sinh."),
        (RequestState.DONE, "Đã sửa."),
    ):
        data_requests.answer(by=SYSTEM, request=asked, state=state, text=text)
    asked.refresh_from_db()
    assert asked.reply == "Đã nhận, đang xác minh.\n\nCần bản sao giấy khai sinh."
    assert asked.answer == "Đã sửa."


@pytest.mark.django_db
def test_an_exception_granted_again_keeps_the_reason_given_before() -> None:
    enrollment = make_enrollment(make_run())
    for reason in ("Ốm có giấy bệnh viện", "Công tác theo quyết định"):
        grant_exception(by=SYSTEM, enrollment=enrollment, reason=reason)
    granted = CompletionException.objects.get()
    assert granted.reason == "Công tác theo quyết định"
    assert [one["reason"] for one in granted.earlier] == ["Ốm có giấy bệnh viện"]


# ── What was stored before ───────────────────────────────────────────────────────────
