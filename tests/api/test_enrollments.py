"""Places, marks and results through the API."""

import datetime as dt
from typing import Any

import pytest

from agencies.models import Coordinator
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.services.results import record_scan
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_succession,
    make_trainee,
    make_trainer,
    make_user,
)

FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}


@pytest.fixture
def agency(db):
    return make_agency("own")


@pytest.fixture
def coordinator(api, agency):
    return api(make_coordinator(agency))


def test_a_nomination_takes_a_seat_and_the_next_one_waits(coordinator, agency):
    run = make_run(capacity=1, **FAR)
    states = [
        coordinator.post(
            "enrollments/", {"run": run.code, "trainee": make_trainee(agency).code}
        ).json()["state"]
        for _ in range(2)
    ]
    assert states == ["enrolled", "waitlisted"]


def test_nobody_is_sent_for_another_agency(coordinator, agency):
    other, run = make_agency("other"), make_run()
    sent = {"run": run.code, "trainee": make_trainee(agency).code, "sending_agency": other.slug}
    answer = coordinator.post("enrollments/", sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["sending_agency"])
    stranger = {"run": run.code, "trainee": make_trainee(other).code}
    assert list(coordinator.post("enrollments/", stranger).json()["fields"]) == ["trainee"]


def test_a_nomination_says_whether_an_official_or_an_expert_comes(coordinator, agency):
    body = {"run": make_run(**FAR).code, "trainee_kind": "expert"}
    sent = body | {"trainee": make_trainee(agency).code}
    assert coordinator.post("enrollments/", sent).json()["trainee_kind"] == "expert"
    wrong = sent | {"trainee": make_trainee(agency).code, "trainee_kind": "student"}
    refused = coordinator.post("enrollments/", wrong)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["trainee_kind"])


def test_a_result_on_paper_says_whether_an_official_or_an_expert_came(office, agency):
    run, trainee = make_run(), make_trainee(agency)
    body = {"run": run.code, "trainee": trainee.code, "sending_agency": agency.slug}
    body |= {"completed_on": run.ends_on.isoformat(), "trainee_kind": "expert"}
    assert office.post("completions/", body).json()["trainee_kind"] == "expert"


def paper_result(agency, **fields):
    run, trainee = make_run(), make_trainee(agency, birth_date=dt.date(1980, 3, 5))
    ids = {"run": run.code, "trainee": trainee.code, "sending_agency": agency.slug}
    return run, ids | {"completed_on": "2025-12-31"} | fields


@pytest.mark.parametrize("missing", ["reason", "scan"])
def test_a_result_on_another_day_than_the_class_is_refused_without(office, agency, missing):
    run, body = paper_result(agency, reason="Bảo vệ sớm")
    scan = record_scan(by=OFFICE, run=run, content=b"scan", name="a.pdf")
    body |= {"scan": scan.sha256}
    del body[missing]
    answer = office.post("completions/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "outside_class_days")
    assert not Completion.objects.exists()


def test_a_result_on_another_day_than_the_class_is_shown_with_its_reason(office, agency):
    run, body = paper_result(agency, reason="Bảo vệ sớm")
    scan = record_scan(by=OFFICE, run=run, content=b"scan", name="a.pdf")
    made = office.post("completions/", body | {"scan": scan.sha256.upper()}).json()
    assert (made["completed_on"], made["day_reason"]) == ("2025-12-31", "Bảo vệ sớm")
    assert Completion.objects.get().paper == scan


def test_a_scan_of_another_class_is_no_document_for_a_day(office, agency):
    scan = record_scan(by=OFFICE, run=make_run(), content=b"scan", name="a.pdf")
    _run, body = paper_result(agency, reason="Bảo vệ sớm", scan=scan.sha256)
    answer = office.post("completions/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["scan"])


@pytest.mark.parametrize(
    ("day", "code"),
    [("1949-10-01", "too_early"), ("1980-03-05", "too_early"), ("2999-01-01", "in_the_future")],
)
def test_a_result_on_an_impossible_day_is_refused(office, agency, day, code):
    _run, body = paper_result(agency, reason="Theo giấy", completed_on=day)
    answer = office.post("completions/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_an_official_asks_a_place_for_oneself_and_gives_it_back(api, agency):
    today = clock.today()
    run = make_run(starts_on=today + dt.timedelta(3), ends_on=today + dt.timedelta(4))
    me = make_trainee(agency, user=make_user("trainee"))
    visitor = api(me.user)
    assert visitor.post("enrollments/", {"run": run.code, "trainee": me.code}).status_code == 201
    gone = visitor.post(
        f"enrollments/{run.code}/{me.code}/withdraw/", {"expected_state": "enrolled"}
    )
    assert gone.json()["state"] == "withdrawn"


def test_a_request_for_oneself_refuses_details_that_it_would_not_use(api, agency):
    user = make_user("trainee")
    trainee = make_trainee(agency, user=user)
    run = make_run()
    body = {"run": run.code, "trainee": trainee.code, "unit": "Vụ Tổng hợp"}
    answer = api(user).post("enrollments/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["unit"])
    assert not run.enrollments.exists()


def test_a_place_that_has_changed_meanwhile_is_left_alone(coordinator, agency):
    place = make_enrollment(make_run(), make_trainee(agency), state="enrolled")
    answer = coordinator.post(
        f"enrollments/{place.run.code}/{place.trainee.code}/withdraw/",
        {"expected_state": "waitlisted"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert Enrollment.objects.get().state == "enrolled"


@pytest.mark.parametrize(("policy", "status"), [("agency", 200), ("both", 200), ("office", 403)])
def test_an_agency_approves_where_the_course_leaves_it_to_agencies(
    coordinator, agency, policy, status
):
    run = make_run(make_course(approval=policy), **FAR)
    place = make_enrollment(run, make_trainee(agency), state="requested")
    answer = coordinator.post(f"enrollments/{run.code}/{place.trainee.code}/approve/")
    assert answer.status_code == status


def test_the_second_approval_is_the_offices(coordinator, office, agency):
    run = make_run(make_course(approval="both"), **FAR)
    place = make_enrollment(run, make_trainee(agency), state="requested")
    address = f"enrollments/{run.code}/{place.trainee.code}/approve/"
    assert coordinator.post(address).json()["state"] == "requested"
    assert coordinator.post(address).status_code == 403
    assert office.post(address).json()["state"] == "enrolled"


def test_a_coordinator_sees_no_row_of_another_agency_in_any_list(coordinator, agency):
    run = make_run()
    for sender in (agency, make_agency("other")):
        trainee = make_trainee(sender)
        place = make_enrollment(run, trainee)
        Attendance.objects.create(
            enrollment=place,
            session=run.sessions.get(number=1),
            mark="present",
            evidence="trainers_mark",
            recorded_by="x",
        )
        make_completion(trainee, run)
    own = agency.trainees.get().code
    for resource in ("enrollments", "attendance", "completions"):
        assert coordinator.keys(f"{resource}/", "trainee") == [own], resource


def test_marks_are_recorded_together_or_not_at_all(api):
    run = make_run()
    people = [make_enrollment(run).trainee.code for _ in range(2)]
    trainer = api(make_trainer(run))
    marks = [{"session": 1, "trainee": code, "mark": "present"} for code in people]
    wrong = [*marks, {"session": 9, "trainee": people[0], "mark": "present"}]
    sent = {"run": run.code, "evidence": "signed_sheet", "marks": wrong}
    answer = trainer.post("attendance/", sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["marks.2.session"])
    assert not Attendance.objects.exists()
    assert trainer.post("attendance/", sent | {"marks": marks}).json() == {"recorded": 2}


def test_a_session_that_has_not_begun_takes_no_marks(api):
    run = make_run(starts_on=dt.date(2090, 1, 4), ends_on=dt.date(2090, 1, 5))
    trainee = make_enrollment(run).trainee
    answer = api(make_trainer(run)).post(
        "attendance/",
        {
            "run": run.code,
            "evidence": "trainers_mark",
            "marks": [{"session": 1, "trainee": trainee.code, "mark": "late"}],
        },
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "session_not_begun")


def test_a_run_is_closed_by_its_rule(api):
    run = make_run(make_course(minimum_attendance=0))
    make_enrollment(run)
    answer = api(make_trainer(run)).post(f"runs/{run.code}/close/")
    assert answer.json() == {"completed": 1, "not_completed": 0, "already": 0}


def test_a_voided_result_stays_and_says_why(office):
    completion = make_completion()
    address = f"completions/{completion.run.code}/{completion.trainee.code}/"
    assert office.post(f"{address}void/", {}).status_code == 400
    answer = office.post(f"{address}void/", {"reason": "Nhập nhầm"}).json()
    assert (answer["void_reason"], bool(answer["voided_at"])) == ("Nhập nhầm", True)
    assert office.post(f"{address}void/", {"reason": "x"}).status_code == 409
    assert office.keys("completions/?voided=false", "trainee") == []


def test_a_result_on_paper_is_back_filled(office):
    run, trainee = make_run(), make_trainee()
    sent = {
        "run": run.code,
        "trainee": trainee.code,
        "sending_agency": trainee.agency.slug,
        "completed_on": "2026-03-11",
        "score": "8.50",
    }
    answer = office.post("completions/", sent)
    assert (answer.status_code, answer.json()["score"]) == (201, "8.50")
    assert Completion.objects.get().evidence == "paper"


@pytest.mark.both_engines
def test_the_rows_between_two_pages_do_not_move(office):
    """A row that comes in while somebody pages is not shown twice, nor another one skipped."""
    run = make_run()
    old = {make_enrollment(run).trainee.code for _ in range(6)}
    first = office.get("enrollments/?page_size=3").json()
    make_enrollment(run)
    rest = office.keys(first["next"], "trainee")
    assert old == {row["trainee"] for row in first["results"]} | set(rest)
    assert len(rest) == 3


def test_what_speaks_against_a_place_comes_with_it_as_warnings(coordinator, agency):
    course = make_course()
    course.prerequisites.add(make_course("BASICS"))
    sent = {"run": make_run(course, **FAR).code, "trainee": make_trainee(agency).code}
    (warning,) = coordinator.post("enrollments/", sent).json()["warnings"]
    assert warning["code"] == "prerequisite_missing"
    assert "BASICS" in warning["message"]


def test_whom_one_only_sees_one_does_not_nominate(api):
    agency, successor = make_agency(), make_agency()
    old, other = make_coordinator(agency), make_agency()
    Coordinator.objects.create(user=old, agency=other)
    seen = make_trainee(agency)
    make_succession(agency, successor, on=dt.date(2025, 3, 1))
    run = make_run(**FAR)
    sent = {"run": run.code, "trainee": seen.code, "sending_agency": other.slug}
    assert api(old).get(f"trainees/{seen.code}/").status_code == 200
    assert api(old).post("enrollments/", sent).status_code == 403
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("step", ["approve", "reject", "withdraw"])
def test_who_coordinates_an_ended_agency_decides_on_no_place(api, step):
    agency = make_agency()
    user, seen = make_coordinator(agency), make_trainee(agency)
    run = make_run(make_course(approval="agency"), **FAR)
    place = make_enrollment(run, seen, state="requested")
    make_succession(agency, make_agency(), on=dt.date(2025, 3, 1))
    address = f"enrollments/{run.code}/{seen.code}/"
    assert api(user).get(address).status_code == 200
    assert api(user).post(f"{address}{step}/", {"reason": "x"}).status_code == 403
    place.refresh_from_db()
    assert place.state == "requested"


def test_a_coordinator_asks_for_their_own_seat_and_approves_none(api):
    agency = make_agency()
    user = make_coordinator(agency)
    own = make_trainee(agency, user=user)
    run = make_run(make_course(approval="agency"), **FAR)
    answer = api(user).post("enrollments/", {"run": run.code, "trainee": own.code})
    assert (answer.status_code, answer.json()["state"]) == (201, "requested")
