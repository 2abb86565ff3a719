"""Progress, answers and decisions through the API, with the rights of the pages."""

import base64
import datetime as dt

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from targets.models import AgencyTask, CooperatingUnit, TaskReport
from tests.factories import make_agency, make_coordinator, make_user
from tests.targets.test_tasks import progress, task_of

TODAY = dt.date(2026, 11, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def office():
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


def post(client, address, body):
    return client.post(f"/api/v1/tasks/{address}/", body, content_type="application/json")


def test_the_coordinator_reports_with_proof_and_the_office_accepts(sign_in, office):
    agency = make_agency()
    coordinator = make_coordinator(agency)
    task = task_of(agency)
    proof = {"name": "bao-cao.pdf", "content": base64.b64encode(b"%PDF-1.7").decode()}
    body = {"day": "2026-11-20", "text": "Đã xong", "is_final": True, "proof": proof}
    answer = post(sign_in(coordinator), f"{task.pk}/progress", body)
    assert (answer.status_code, answer.json()["state"]) == (201, "submitted")
    report = TaskReport.objects.get()
    assert (report.submitted_by, report.proof.read()) == (coordinator.as_actor().label, b"%PDF-1.7")
    client = sign_in(office)
    found = client.get(f"/api/v1/tasks/{task.pk}/progress/").json()["results"]
    assert [row["text"] for row in found] == ["Đã xong"]
    decision = post(client, f"{task.pk}/progress/{report.pk}/decision", {"accept": True})
    assert (decision.status_code, decision.json()["state"]) == (200, "accepted")
    assert client.get(f"/api/v1/tasks/{task.pk}/").json()["state"] == "done"


def test_a_return_needs_its_reason(sign_in, office):
    report = progress(task_of(make_agency()))
    address = f"{report.task_id}/progress/{report.pk}/decision"
    assert post(sign_in(office), address, {"accept": False}).json()["code"] == "remark_missing"
    answer = post(sign_in(office), address, {"accept": False, "remark": "Thiếu minh chứng"})
    assert answer.json()["decision_note"] == "Thiếu minh chứng"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"day": "2026-11-23", "text": "Đã xong"}, "day_in_future"),
        ({"day": "2026-11-20", "text": "x", "proof": {"name": "a.exe", "content": "eA=="}},
         "evidence_kind"),
        ({"day": "2026-11-20", "text": "x", "proof": {"name": "a.pdf", "content": "é"}},
         "invalid"),
        ({"day": "2026-11-20", "text": "x", "done": True}, "invalid"),
    ],
)  # fmt: skip
def test_progress_that_makes_no_sense_is_refused_as_on_the_page(sign_in, body, code):
    agency = make_agency()
    task = task_of(agency)
    answer = post(sign_in(make_coordinator(agency)), f"{task.pk}/progress", body)
    assert answer.json()["code"] == code
    assert not TaskReport.objects.exists()


def test_an_agency_answers_for_itself_alone(sign_in):
    own, other = make_agency("bo-a"), make_agency("bo-b")
    task = task_of(make_agency("bo-c"), own, other)
    client = sign_in(make_coordinator(own))
    body = {"answer": "refused", "reason": "Không đủ người"}
    answer = post(client, f"{task.pk}/answer", body | {"unit": "bo-a"})
    assert answer.status_code == 200
    assert answer.json()["cooperating_units"][0]["reason"] == "Không đủ người"
    assert post(client, f"{task.pk}/answer", body | {"unit": "bo-b"}).status_code == 403
    assert post(client, f"{task.pk}/answer", body | {"unit": "bo-c"}).status_code == 400
    answers = CooperatingUnit.objects.current().order_by("pk").values_list("answer", flat=True)
    assert list(answers) == ["refused", ""]


def test_the_office_answers_for_a_unit_outside_the_list(sign_in, office):
    own = make_agency()
    task = task_of(own, other_units=["Viện A"])
    body = {"unit": "Viện A", "answer": "done"}
    assert post(sign_in(make_coordinator(own)), f"{task.pk}/answer", body).status_code == 403
    assert post(sign_in(office), f"{task.pk}/answer", body).status_code == 200
    assert task.units.current().get().answer == "done"


def test_a_refusal_without_a_reason_is_refused(sign_in):
    own = make_agency("bo-a")
    task = task_of(make_agency(), own)
    body = {"unit": "bo-a", "answer": "refused"}
    answer = post(sign_in(make_coordinator(own)), f"{task.pk}/answer", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_missing")


def test_who_cooperates_reads_a_task_and_does_not_report_for_it(sign_in):
    own = make_agency()
    task = task_of(make_agency(), own)
    client = sign_in(make_coordinator(own))
    assert client.get(f"/api/v1/tasks/{task.pk}/").status_code == 200
    body = {"day": "2026-11-20", "text": "Đã xong"}
    assert post(client, f"{task.pk}/progress", body).status_code == 403


def test_strangers_find_neither_a_task_nor_its_progress(sign_in):
    agency = make_agency("bo-a")
    report = progress(task_of(make_agency(), agency))
    client = sign_in(make_coordinator(make_agency()))
    for address in ("", "progress/"):
        assert client.get(f"/api/v1/tasks/{report.task_id}/{address}").status_code == 404
    body = {"unit": "bo-a", "answer": "done"}
    assert post(client, f"{report.task_id}/answer", body).status_code == 404
    body = {"day": "2026-11-20", "text": "Đã xong"}
    assert post(client, f"{report.task_id}/progress", body).status_code == 404


# As many queries and rows as are shown --------------------------------------------------


def test_a_page_of_tasks_reads_the_units_of_its_tasks_alone(sign_in, office):
    for _n in range(3):
        task_of(make_agency(), make_agency())
    read = []

    def count(instance, **_named):
        read.append(instance)

    post_init.connect(count, sender=CooperatingUnit)
    try:
        client = sign_in(office)
        assert len(client.get("/api/v1/tasks/?page_size=1").json()["results"]) == 1
    finally:
        post_init.disconnect(count, sender=CooperatingUnit)
    assert len(read) == 1


@pytest.mark.parametrize("role", ["office", "coordinator"])
def test_the_page_of_a_task_asks_as_often_for_twelve_units_as_for_one(sign_in, office, role):
    agency = make_agency()
    user = office if role == "office" else make_coordinator(agency)
    counts = set()
    for number in (1, 12):
        task = task_of(agency, *(make_agency(parent=agency) for _n in range(number)))
        for _n in range(number):
            progress(task)
        client = sign_in(user)
        address = reverse("task_progress", args=[task.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.add(len(queries))
    assert len(counts) == 1
    assert AgencyTask.objects.count() == 2
