"""Who is next and since when, as each reader sees it, and why somebody was turned down."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as COMMAND
from audit.services import SYSTEM
from courses.models import CourseRun
from enrollment.models import Enrollment, NominationLetter
from enrollment.services.enrollments import Nominee, nominate, request_enrollment
from enrollment.services.nominations import record_letter
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db
FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}
DATED = dt.date(2026, 3, 1)


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def agency() -> Agency:
    return make_agency()


@pytest.fixture
def coordinator(agency) -> Client:
    return signed_in(make_coordinator(agency))


@pytest.fixture
def office() -> Client:
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    return signed_in(user)


def page(client: Client, run: CourseRun) -> str:
    return client.get(f"/runs/{run.code}/").content.decode()


def asked(approval: str, agency: Agency) -> Enrollment:
    run = make_run(make_course(approval=approval), **FAR)
    return request_enrollment(by=COMMAND, run=run, trainee=make_trainee(agency))


@pytest.mark.parametrize(("approval", "is_theirs"), [("agency", True), ("office", False)])
def test_a_coordinator_decides_only_where_it_is_the_agencys_turn(
    coordinator, agency, approval, is_theirs
) -> None:
    enrollment = asked(approval, agency)
    text = page(coordinator, enrollment.run)
    assert f"waiting for the {'agency' if is_theirs else 'programme office'} since" in text
    assert (f"/enrollments/{enrollment.pk}/approve/" in text) == is_theirs
    assert (f"/enrollments/{enrollment.pk}/reject/" in text) == is_theirs
    assert f"/enrollments/{enrollment.pk}/withdraw/" in text


def test_a_coordinator_sees_each_position_on_the_waiting_list(coordinator, agency) -> None:
    run = make_run(capacity=1, **FAR)
    nominees = [Nominee(make_trainee(agency).pk) for _ in range(3)]
    nominate(by=COMMAND, run=run, sending_agency=agency, nominees=nominees)
    text = page(coordinator, run)
    assert "position 1 on the waiting list" in text
    assert "position 2 on the waiting list" in text


def test_a_trainer_without_an_agency_is_offered_no_action(agency) -> None:
    enrollment = asked("agency", agency)
    text = page(signed_in(make_trainer(enrollment.run)), enrollment.run)
    assert "waiting for the agency since" in text
    assert "/approve/" not in text
    assert "/withdraw/" not in text


def test_a_rejected_person_sees_the_reason(coordinator, agency) -> None:
    enrollment = asked("agency", agency)
    path = f"/runs/{enrollment.run.code}/enrollments/{enrollment.pk}/reject/"
    assert "Reason" in coordinator.get(path).content.decode()
    assert coordinator.post(path).status_code == 400
    assert coordinator.post(path, {"reason": "Đã học khóa này"}).status_code == 302
    enrollment.refresh_from_db()
    assert (enrollment.state, enrollment.withdrawal_reason) == ("rejected", "Đã học khóa này")


def test_approving_needs_a_post_request(coordinator, agency) -> None:
    enrollment = asked("agency", agency)
    path = f"/runs/{enrollment.run.code}/enrollments/{enrollment.pk}/approve/"
    assert coordinator.get(path).status_code == 405
    assert coordinator.post(path).status_code == 302


def test_the_reason_of_a_withdrawal_is_stored_where_erasure_reaches_it(coordinator, agency) -> None:
    enrollment = asked("none", agency)
    path = f"/runs/{enrollment.run.code}/enrollments/{enrollment.pk}/withdraw/"
    coordinator.post(path, {"reason": "Đi công tác"})
    enrollment.refresh_from_db()
    assert enrollment.withdrawal_reason == "Đi công tác"
    # Ledger lines are not erased with a person, so they hold no words about them.
    assert enrollment.run.seat_moves.get(reason="withdrawn").remark == ""


def nomination(agency: Agency, *people: Any, **further: Any) -> dict[str, Any]:
    form = {"agency": agency.slug, "number": "12/CV-TCCB", "dated": "2026-03-01"}
    return form | {"people": [who.code for who in people]} | further


def test_the_same_letter_names_a_second_group(coordinator, agency) -> None:
    run, people = make_run(**FAR), [make_trainee(agency) for _ in range(2)]
    path = f"/runs/{run.code}/nominate/"
    for who in people:
        assert coordinator.post(path, nomination(agency, who)).status_code == 302
    letter = NominationLetter.objects.get()
    assert letter.enrollments.count() == 2


def test_a_refused_nomination_leaves_no_letter_behind(coordinator, agency) -> None:
    run, who = make_run(**FAR), make_trainee(agency)
    nominate(by=COMMAND, run=run, sending_agency=agency, nominees=[Nominee(who.pk)])
    coordinator.post(f"/runs/{run.code}/nominate/", nomination(agency, who))
    assert not NominationLetter.objects.exists()


def test_a_letter_on_record_is_completed_and_never_overwritten(agency) -> None:
    run = make_run(**FAR)

    def record(**papers: Any) -> NominationLetter:
        return record_letter(
            by=COMMAND, run=run, agency=agency, number="1/CV", dated=DATED, **papers
        )

    first = record()
    second = record(signer_name="Trần Văn A", signer_title="Vụ trưởng")
    third = record(signer_name="Ai khác")
    assert first.pk == second.pk == third.pk
    assert (third.signer_name, third.signer_title) == ("Trần Văn A", "Vụ trưởng")


def test_the_letter_is_opened_by_its_agency_the_trainer_and_the_office(
    coordinator, office, agency
) -> None:
    run, who = make_run(make_course(approval="office"), **FAR), make_trainee(agency)
    file = SimpleUploadedFile("cv.pdf", b"%PDF-1.7 letter")
    form = nomination(agency, who, signer_name="Trần Văn A", file=file)
    coordinator.post(f"/runs/{run.code}/nominate/", form)
    letter = NominationLetter.objects.get()
    path = f"/runs/{run.code}/letters/{letter.pk}/file/"
    seats = office.get(f"/runs/{run.code}/seats/").content.decode()
    assert path in seats
    assert "Trần Văn A" in seats
    assert path in page(coordinator, run)
    for reader in (coordinator, office, signed_in(make_trainer(run))):
        answer: Any = reader.get(path)
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 letter"
    assert signed_in(make_coordinator(make_agency())).get(path).status_code == 404
