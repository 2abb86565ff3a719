"""Tasks: who does what by when, progress with proof, answers, decisions, and their past."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from targets.choices import UnitAnswer, ValueState
from targets.errors import TargetError
from targets.models import AgencyTask, CooperatingUnit, TaskReport
from targets.services.reminders import remind
from targets.services.tasks import (
    answer_task,
    decide_progress,
    finish_task,
    remove_task,
    report_progress,
    set_task,
)
from tests.counting.makers import make_indicator
from tests.factories import make_agency, make_coordinator, make_user

TODAY = dt.date(2026, 11, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


def task_of(agency, *cooperating, **fields) -> AgencyTask:
    values: dict[str, Any] = {
        "title": "Lập danh sách cử học viên",
        "due_on": dt.date(2026, 12, 1),
        "responsible_unit": "Vụ Tổ chức cán bộ",
    }
    return set_task(
        by=PROGRAMME_OFFICE,
        indicator=make_indicator(),
        agency=agency,
        cooperating_units=cooperating,
        **(values | fields),
    )


def progress(task, **fields) -> TaskReport:
    values: dict[str, Any] = {"day": TODAY, "text": "Đã gửi công văn"}
    return report_progress(by=SYSTEM, task=task, **(values | fields))


@pytest.fixture
def office_client(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


def test_units_outside_the_list_cooperate_beside_agencies():
    other = make_agency(name_vi="Bộ Hai")
    task = task_of(make_agency(), other, other_units=["Viện Nghiên cứu", " "])
    assert [unit.name for unit in task.units.all()] == ["Bộ Hai", "Viện Nghiên cứu"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " "}, "task_incomplete"),
        ({"starts_on": dt.date(2026, 12, 2)}, "due_before_start"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(fields, code):
    with pytest.raises(TargetError, check=lambda error: error.code == code):
        task_of(make_agency(), **fields)


def test_the_responsible_agency_does_not_cooperate_with_itself():
    agency = make_agency()
    with pytest.raises(TargetError, check=lambda error: error.code == "cooperates_with_itself"):
        task_of(agency, agency)


def test_units_that_stay_keep_their_answer_when_a_task_changes():
    agency, stays, leaves = make_agency(), make_agency(), make_agency()
    task = task_of(agency, stays, leaves)
    answer_task(by=SYSTEM, unit=task.units.get(agency=stays), answer=UnitAnswer.ACCEPTED)
    task_of(agency, stays, task=task, reason="Giao lại")
    (unit,) = CooperatingUnit.objects.current()
    assert (unit.agency, unit.answer) == (stays, UnitAnswer.ACCEPTED)


@pytest.mark.both_engines
def test_tasks_are_replayed_as_of_a_past_day():
    with clock.set_to(dt.date(2026, 1, 5)):
        task = task_of(make_agency())
    with clock.set_to(dt.date(2026, 3, 5)):
        task_of(task.agency, title="Việc khác", task=task, reason="QĐ 5")
    with clock.set_to(dt.date(2026, 5, 5)):
        finish_task(by=SYSTEM, task=task)
    with clock.set_to(dt.date(2026, 7, 5)):
        remove_task(by=SYSTEM, task=task, reason="Hết hiệu lực")
    found = []
    for month in (1, 2, 4, 6, 8):
        rows = AgencyTask.objects.believed(clock.start_of_day(dt.date(2026, month, 1)))
        found.append([(row.title[:3], row.done_on) for row in rows])
    assert found == [[], [("Lập", None)], [("Việ", None)], [("Việ", dt.date(2026, 5, 5))], []]


@pytest.mark.parametrize("change", [set_task, remove_task])
def test_a_task_changes_for_a_reason_only(change):
    task = task_of(make_agency())
    with pytest.raises(TargetError, check=lambda error: error.code == "reason_missing"):
        remove_task(by=SYSTEM, task=task, reason=" ") if change is remove_task else task_of(
            task.agency, task=task
        )


def test_a_final_report_completes_the_task_once_the_office_accepts_it():
    task = task_of(make_agency())
    report = progress(task, day=dt.date(2026, 11, 20), is_final=True)
    task.refresh_from_db()
    assert task.done_on is None
    decide_progress(by=PROGRAMME_OFFICE, report=report, accept=True)
    task = AgencyTask.objects.get(pk=task.pk)
    assert (task.done_on, task.done_by) == (dt.date(2026, 11, 20), SYSTEM.label)
    with pytest.raises(TargetError, check=lambda error: error.code == "already_decided"):
        decide_progress(by=PROGRAMME_OFFICE, report=report, accept=True)


def test_a_returned_report_says_why_and_leaves_the_task_open():
    task = task_of(make_agency())
    report = progress(task, is_final=True)
    with pytest.raises(TargetError, check=lambda error: error.code == "remark_missing"):
        decide_progress(by=PROGRAMME_OFFICE, report=report, accept=False)
    report = decide_progress(by=PROGRAMME_OFFICE, report=report, accept=False, remark="Thiếu")
    task.refresh_from_db()
    assert (report.state, report.decision_note) == (ValueState.RETURNED, "Thiếu")
    assert task.done_on is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " "}, "text_missing"),
        ({"day": dt.date(2026, 11, 23)}, "day_in_future"),
        ({"proof": ("anh.exe", b"x")}, "evidence_kind"),
    ],
)
def test_progress_that_makes_no_sense_is_refused(fields, code):
    with pytest.raises(TargetError, check=lambda error: error.code == code):
        progress(task_of(make_agency()), **fields)


@pytest.mark.both_engines
def test_answers_are_replayed_as_of_a_past_day():
    task = task_of(make_agency(), make_agency())
    (unit,) = task.units.all()
    for month, answer in ((1, UnitAnswer.ACCEPTED), (3, UnitAnswer.REFUSED)):
        with clock.set_to(dt.date(2027, month, 5)):
            answer_task(by=SYSTEM, unit=unit, answer=answer, reason="Không đủ người")
    with clock.set_to(dt.date(2027, 5, 5)):
        task_of(task.agency, task=task, reason="Giao lại")
    found = []
    for month in (1, 2, 4, 6):
        units = CooperatingUnit.objects.believed(clock.start_of_day(dt.date(2027, month, 1)))
        found.append([unit.answer for unit in units])
    assert found == [[""], ["accepted"], ["refused"], []]


def test_a_unit_that_left_a_task_no_longer_answers():
    task = task_of(make_agency(), make_agency())
    (unit,) = task.units.all()
    task_of(task.agency, task=task, reason="Giao lại")
    with pytest.raises(TargetError, check=lambda error: error.code == "unit_removed"):
        answer_task(by=SYSTEM, unit=unit, answer=UnitAnswer.ACCEPTED)


def test_a_refusal_needs_a_reason():
    (unit,) = task_of(make_agency(), make_agency()).units.all()
    with pytest.raises(TargetError, check=lambda error: error.code == "reason_missing"):
        answer_task(by=SYSTEM, unit=unit, answer="refused")


# Pages ----------------------------------------------------------------------------------


def test_a_coordinator_reports_with_proof_and_the_office_reads_it(client):
    agency = make_agency()
    coordinator = make_coordinator(agency)
    task = task_of(agency)
    client.force_login(coordinator)
    proof = SimpleUploadedFile("danh-sach.pdf", b"%PDF-1.7")
    data = {"day": "2026-11-20", "text": "Đã lập danh sách", "proof": proof}
    address = reverse("task_progress", args=[task.pk])
    assert client.post(address, data).status_code == 302
    report = TaskReport.objects.get()
    assert report.submitted_by == coordinator.as_actor().label
    page = client.get(address).content.decode()
    assert ("Đã lập danh sách" in page, report.submitted_by in page) == (True, True)
    file = client.get(reverse("task_proof", args=[report.pk]))
    assert (b"".join(file), "attachment" in file["Content-Disposition"]) == (b"%PDF-1.7", True)


def test_a_cooperating_agency_sees_the_task_and_answers_for_itself_alone(client):
    own, other = make_agency(name_vi="Bộ Hai"), make_agency(name_vi="Bộ Ba")
    task = task_of(make_agency(), own, other)
    client.force_login(make_coordinator(own))
    assert client.get(reverse("task_progress", args=[task.pk])).status_code == 200
    data = {"answer": "refused", "reason": "Không thuộc chức năng"}
    for unit, status in ((task.units.get(agency=own), 302), (task.units.get(agency=other), 403)):
        assert client.post(reverse("answer_task", args=[unit.pk]), data).status_code == status
    answers = dict(CooperatingUnit.objects.current().values_list("agency__name_vi", "answer"))
    assert answers == {"Bộ Hai": "refused", "Bộ Ba": ""}


@pytest.mark.parametrize(("language", "limit"), [("en", "at most 10 MB"), ("vi", "tối đa 10 MB")])
def test_the_kinds_of_proof_are_named_in_the_language_of_the_reader(office_client, language, limit):
    address = reverse("task_progress", args=[task_of(make_agency()).pk])
    page = office_client.get(address, headers={"Accept-Language": language})
    assert limit in page.content.decode()


def test_strangers_do_not_find_a_task_nor_its_proof(client):
    task = task_of(make_agency(), make_agency())
    report = progress(task, proof=("a.pdf", b"%PDF-1.7"))
    client.force_login(make_coordinator(make_agency()))
    for address in (
        reverse("task_progress", args=[task.pk]),
        reverse("task_proof", args=[report.pk]),
    ):
        assert client.get(address).status_code == 404


def test_the_office_decides_on_the_page(office_client):
    task = task_of(make_agency())
    report = progress(task, is_final=True)
    address = reverse("decide_progress", args=[report.pk])
    assert office_client.post(address, {"decision": "return"}).status_code == 400
    assert office_client.post(address, {"decision": "accept"}).status_code == 302
    task.refresh_from_db()
    assert task.done_on == TODAY


def test_the_office_enters_units_on_the_page(office_client):
    agency, other = make_agency(), make_agency()
    data = {
        "indicator": make_indicator().pk, "agency": agency.pk, "title": "Rà soát",
        "due_on": "2026-12-31", "responsible_unit": "Vụ TCCB", "legal_basis": "QĐ 699",
        "cooperating_units": [other.pk], "other_units": "Viện A\nViện B",
    }  # fmt: skip
    assert office_client.post(reverse("new_task"), data).status_code == 302
    names = [unit.name for unit in CooperatingUnit.objects.all()]
    assert names == [other.name, "Viện A", "Viện B"]
    task = AgencyTask.objects.get()
    page = office_client.get(reverse("task", args=[task.pk])).content.decode()
    assert "Viện A\nViện B" in page


# Mail -----------------------------------------------------------------------------------


def test_agencies_are_asked_once_when_they_become_part_of_a_task(mailoutbox):
    own, one, other = make_agency(), make_agency(), make_agency()
    people = [make_coordinator(agency, language="en") for agency in (own, one, other)]
    task = task_of(own, one)
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([people[0].email], "A task for your agency"),
        ([people[1].email], "A task needs your agency's answer"),
    ]
    assert reverse("task_progress", args=[task.pk]) in mailoutbox[1].body
    task_of(own, one, other, task=task, reason="Bổ sung")
    assert [mail.to for mail in mailoutbox[2:]] == [[people[2].email]]


def test_returned_progress_is_mailed_with_its_reason_to_the_agency(mailoutbox):
    agency = make_agency()
    coordinator = make_coordinator(agency)
    report = progress(task_of(agency))
    mailoutbox.clear()
    decide_progress(by=PROGRAMME_OFFICE, report=report, accept=False, remark="Thiếu minh chứng")
    (mail,) = mailoutbox
    assert (mail.to, "Thiếu minh chứng" in mail.body) == ([coordinator.email], True)


def test_accepted_progress_mails_nobody(mailoutbox):
    agency = make_agency()
    make_coordinator(agency)
    report = progress(task_of(agency))
    mailoutbox.clear()
    decide_progress(by=PROGRAMME_OFFICE, report=report, accept=True)
    assert mailoutbox == []


def test_cooperating_agencies_are_reminded_until_they_are_done(mailoutbox):
    own, other = make_agency(), make_agency(name_vi="Bộ Hai")
    coordinator = make_coordinator(other)
    task = task_of(own, other)
    mailoutbox.clear()
    assert remind() == 1
    assert mailoutbox[0].to == [coordinator.email]
    assert "Bộ Hai: chưa trả lời" in mailoutbox[0].body
    answer_task(by=SYSTEM, unit=task.units.get(), answer=UnitAnswer.DONE)
    with clock.set_to(dt.date(2026, 12, 20)):
        assert remind() == 0


def test_who_has_accepted_is_reminded_after_the_deadline_of_what_is_left(mailoutbox):
    other = make_agency(name_vi="Bộ Hai")
    make_coordinator(other)
    task = task_of(make_agency(), other)
    answer_task(by=SYSTEM, unit=task.units.get(), answer=UnitAnswer.ACCEPTED)
    with clock.set_to(dt.date(2026, 12, 20)):
        assert (remind(), remind()) == (1, 0)
    assert "Bộ Hai: chưa hoàn thành phần việc" in mailoutbox[-1].body


def test_an_agency_that_has_reported_completion_is_not_reminded_meanwhile(mailoutbox):
    agency = make_agency()
    make_coordinator(agency)
    report = progress(task_of(agency), is_final=True)
    mailoutbox.clear()
    assert remind() == 0
    decide_progress(by=PROGRAMME_OFFICE, report=report, accept=False, remark="Thiếu")
    assert remind() == 1
