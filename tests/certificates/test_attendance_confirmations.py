"""Confirmations of attendance: for whoever took part without completing, and for nobody else."""

import datetime as dt
import json
import re

import pikepdf
import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.attendance_paper import attendance_paper
from certificates.choices import Register
from certificates.credential import StatusPurpose
from certificates.errors import CertificateError
from certificates.models import AttendanceConfirmation, Certificate, RegisterYear
from certificates.services import attendance, attendance_corrections, privacy
from certificates.services.preflight import preflight
from certificates.services.register_numbers import continue_register, hold_registers
from certificates.services.status_lists import published_status_list
from common.personal_data import Subject
from counting.counter import counted
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Enrollment
from jobs import services as jobs
from jobs.models import Job
from notices.models import Notice
from people.services.merges import merge
from tests.certificates.steps import issue_for_run
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)
from tests.pdfs import text_of
from tests.validators.vera import broken_rules

pytestmark = pytest.mark.django_db


def attend(run: CourseRun, name: str, *numbers: int, **person) -> Enrollment:
    trainee = make_trainee(full_name=name, birth_date=dt.date(1980, 3, 5), **person)
    enrollment = make_enrollment(run, trainee, state=EnrollmentState.NOT_COMPLETED)
    for session in run.sessions.all():
        mark = Mark.PRESENT if session.number in numbers else Mark.ABSENT
        Attendance.objects.create(
            enrollment=enrollment, session=session, mark=mark,
            evidence=Evidence.SIGNED_SHEET, recorded_by="Giảng viên",
        )  # fmt: skip
    return enrollment


@pytest.fixture
def closed(office) -> CourseRun:
    """Two came to one of two sessions, one never came, one completed."""
    run = make_run(state=RunState.CLOSED)
    attend(run, "Trần Văn Đức", 1)
    attend(run, "Lê Thị Ánh", 2)
    attend(run, "Phạm Vắng Mặt")
    done = attend(run, "Nguyễn An", 1, 2)
    make_completion(done.trainee, run, enrollment=done)
    return run


def issued(run: CourseRun) -> list[AttendanceConfirmation]:
    attendance.register_confirmations(by=OFFICE, run=run)
    return list(attendance.write_confirmations(run))


def test_only_who_attended_without_completing_gets_one(closed):
    names = [one.printed["full_name"] for one in issued(closed)]
    assert names == ["Lê Thị Ánh", "Trần Văn Đức"]


def test_nothing_is_confirmed_before_the_class_is_closed(closed):
    closed.state = RunState.RUNNING
    with pytest.raises(CertificateError, check=lambda error: error.code == "class_not_closed"):
        attendance.register_confirmations(by=OFFICE, run=closed)
    assert not RegisterYear.objects.filter(last_number__gt=0).exists()


def test_run_twice_it_issues_once_and_numbers_have_no_gaps(closed):
    issued(closed)
    assert issued(closed) == []
    attend(closed, "Võ Đến Sau", 1)
    issued(closed)
    numbers = AttendanceConfirmation.objects.values_list("register", "register_number")
    assert sorted(numbers) == [("XN", 1), ("XN", 2), ("XN", 3)]


def test_its_numbers_are_those_of_a_register_of_its_own(closed):
    issued(closed)
    certificate = issue_for_run(by=OFFICE, run=closed).issued[0]
    assert certificate.register_label.startswith("0001/")
    assert certificate.register == Register.CERTIFICATES


def test_an_interrupted_run_is_finished_by_starting_it_again(closed):
    attendance.register_confirmations(by=OFFICE, run=closed)
    next(attendance.write_confirmations(closed))  # and killed
    assert attendance.owed(closed).count() == 1
    assert len(list(attendance.write_confirmations(closed))) == 1
    assert not attendance.owed(closed).exists()


def test_the_paper_says_what_was_attended_and_that_it_is_no_certificate(closed):
    one = issued(closed)[0]
    text = text_of(one.file.read())
    assert "GIẤY XÁC NHẬN" in text
    assert "Lê Thị Ánh" in text
    assert "1 trên 2 buổi (3 trên 6 giờ)" in text
    assert "11/03/2026 08:00 – 11:00" in text
    assert "10/03/2026 08:00" not in text  # missed
    assert "không có giá trị thay giấy chứng nhận" in text
    assert one.register_label in text
    assert one.verification_code in text


def test_the_paper_is_pdf_a_3a_and_pdf_ua_1(closed, settings):
    issued(closed)
    paths = sorted(settings.MEDIA_ROOT.rglob("*.pdf"))
    assert {key: rules for key, rules in broken_rules(paths).items() if rules} == {}
    with pikepdf.open(paths[0]) as pdf:
        assert pdf.trailer.Root.Lang == "vi"


def test_the_same_record_gives_the_same_bytes(closed):
    one = issued(closed)[0]
    assert attendance_paper(one.printed) == one.file.read()


def test_it_counts_nobody_and_owes_nobody_a_certificate(closed):
    make_rule(courses=[closed.course])
    before = len(counted().people), len(preflight(closed).ready)
    issued(closed)
    assert (len(counted().people), len(preflight(closed).ready)) == before
    assert not Certificate.objects.exists()


def test_anybody_verifies_it_and_reads_that_it_is_no_certificate(client, closed):
    one = issued(closed)[0]
    shown = client.get(f"/verify/{one.verification_code}", headers={"Accept-Language": "en"})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "It is not a certificate of completion" in page
    assert "Lê Thị Ánh" in page
    assert "05/03/1980" not in page
    data = client.get(f"/verify/{one.verification_code}", headers={"Accept": "application/json"})
    assert data.json()["document"] == "confirmation_of_attendance"
    assert "certificate" not in data.json()
    assert client.get(f"/verify/{one.verification_code}/credential.json").status_code == 404


def test_its_file_and_its_number_are_recognised(client, closed):
    one = issued(closed)[0]
    with one.file.open("rb") as file:
        page = client.post("/verify/", {"file": file}, headers={"Accept-Language": "en"})
    assert "Confirmation of attendance: Valid" in page.content.decode()
    asked = {"code": one.register_label, "full_name": "le thi anh", "birth": "05/03/1980"}
    found = client.post("/verify/number", asked, headers={"Accept": "application/json"})
    assert found.json()["verification_code"] == one.verification_code
    wrong = client.post(
        "/verify/number", asked | {"birth": "06/03/1980"}, headers={"Accept": "application/json"}
    )
    assert wrong.json()["state"] == "unknown"


def test_no_list_of_states_is_published_for_its_register(closed):
    issued(closed)
    year = RegisterYear.objects.get(register=Register.CONFIRMATIONS).year
    with pytest.raises(CertificateError, check=lambda error: error.code == "unknown_register"):
        published_status_list(Register.CONFIRMATIONS, year, StatusPurpose.REVOCATION)


def test_it_is_revoked_with_a_reason_that_everybody_reads(client, closed):
    one = issued(closed)[0]
    with pytest.raises(CertificateError, check=lambda error: error.code == "reason_missing"):
        attendance_corrections.revoke_confirmation(by=OFFICE, confirmation=one, reason=" ")
    attendance_corrections.revoke_confirmation(by=OFFICE, confirmation=one, reason="Nhầm người")
    page = client.get(f"/verify/{one.verification_code}", headers={"Accept-Language": "en"})
    assert "Confirmation of attendance: Revoked" in page.content.decode()
    assert "Nhầm người" in page.content.decode()
    assert issued(closed) == []  # a batch gives nobody back what was revoked


def test_a_corrected_one_has_a_new_number_and_each_names_the_other(closed):
    one = issued(closed)[0]
    Attendance.objects.filter(enrollment=one.enrollment).update(mark=Mark.PRESENT)
    new = attendance_corrections.replace_confirmation(
        by=OFFICE, confirmation=one, reason="Sót một buổi"
    )
    one.refresh_from_db()
    assert (one.state, one.superseded_by, new.register_number) == ("superseded", new, 3)
    assert new.printed["attended"] == 2
    with pytest.raises(CertificateError, check=lambda error: error.code == "not_live"):
        attendance_corrections.replace_confirmation(by=OFFICE, confirmation=one, reason="Lại")


def absent_after_all(one: AttendanceConfirmation) -> None:
    Attendance.objects.filter(enrollment=one.enrollment).update(mark=Mark.ABSENT)


def completed_since(one: AttendanceConfirmation) -> None:
    enrollment = one.enrollment
    make_completion(enrollment.trainee, enrollment.run, enrollment=enrollment)


def reopened_since(one: AttendanceConfirmation) -> None:
    CourseRun.objects.update(state=RunState.RUNNING)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (absent_after_all, "nothing_attended"),
        (completed_since, "nothing_attended"),
        (reopened_since, "class_not_closed"),
    ],
)
def test_none_is_replaced_by_one_that_a_batch_would_not_issue(closed, change, code):
    one = issued(closed)[0]
    change(one)
    one = AttendanceConfirmation.objects.get(pk=one.pk)
    with pytest.raises(CertificateError, check=lambda error: error.code == code):
        attendance_corrections.replace_confirmation(by=OFFICE, confirmation=one, reason="Sửa")
    one.refresh_from_db()
    assert (one.state, AttendanceConfirmation.objects.count()) == ("issued", 2)
    assert RegisterYear.objects.get(register=Register.CONFIRMATIONS).last_number == 2


def test_who_completed_the_class_on_another_row_of_the_person_gets_none(closed):
    done = closed.completions.get().trainee
    twice = closed.enrollments.get(trainee__full_name="Trần Văn Đức").trainee
    merge(by=OFFICE, survivor=twice, absorbed=done)
    assert [one.printed["full_name"] for one in issued(closed)] == ["Lê Thị Ánh"]


def test_the_office_issues_to_whom_it_selects(office_client, closed):
    address = reverse("run_confirmations", args=[closed.code])
    chosen = closed.enrollments.get(trainee__full_name="Trần Văn Đức")
    assert "Lê Thị Ánh" in office_client.get(address).content.decode()
    office_client.post(address, {"action": "issue", "who": [chosen.pk]})
    assert [one.enrollment for one in AttendanceConfirmation.objects.all()] == [chosen]
    stranger = closed.enrollments.get(trainee__full_name="Phạm Vắng Mặt")
    office_client.post(address, {"action": "issue", "who": [stranger.pk]})
    assert AttendanceConfirmation.objects.count() == 1


def test_the_job_makes_files_and_tells_the_holders(closed, settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    user = make_user(email="duc@example.gov.vn", language="en")
    attend(closed, "Hồ Có Tài Khoản", 1, user=user)
    attendance.issue_confirmations(by=OFFICE, run=closed, owner=None)
    jobs.run(str(Job.objects.get().pk))
    assert not attendance.owed(closed).exists()
    notice = Notice.objects.get(kind="attendance_confirmed", recipient=user.email)
    assert "It is not a certificate" in notice.body


def test_its_holder_downloads_it_and_a_stranger_does_not_find_it(client, closed):
    user = make_user(Role.TRAINEE)
    attend(closed, "Hồ Thị Xuân", 1, user=user)
    mine = next(one for one in issued(closed) if one.printed["full_name"] == "Hồ Thị Xuân")
    address = reverse("attendance_confirmation_file", args=[mine.verification_code])
    client.force_login(user)
    assert b"".join(client.get(address).streaming_content).startswith(b"%PDF")
    assert mine.register_label in client.get(reverse("my")).content.decode()
    client.force_login(make_user(Role.TRAINEE))
    assert client.get(address).status_code == 404


def test_a_coordinator_sees_those_of_the_own_people_alone(closed):
    mine = make_agency("so-a")
    attend(closed, "Của Sở A", 1, agency=mine)
    issued(closed)
    coordinator = make_coordinator(mine)
    seen = AttendanceConfirmation.objects.visible_to(coordinator)
    assert [one.printed["full_name"] for one in seen] == ["Của Sở A"]


def test_an_erased_holder_leaves_the_entry_and_no_name(closed):
    one = issued(closed)[0]
    person = one.enrollment.trainee
    privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    one.refresh_from_db()
    assert (one.printed["full_name"], one.printed["workplace"], one.file.name) == ("", "", "")
    assert (one.register_number, bool(one.sha256)) == (1, True)
    assert not attendance.owed(closed).exists()


@pytest.mark.parametrize("is_built_before", [True, False])
def test_whoever_is_erased_before_the_file_is_stored_gets_none(
    closed, settings, monkeypatch, is_built_before
):
    first = attendance.register_confirmations(by=OFFICE, run=closed)[0]
    person = first.enrollment.trainee

    def erase(*args: object) -> bytes:
        privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
        return b"%PDF of " + person.full_name.encode()

    if is_built_before:
        monkeypatch.setattr(attendance, "attendance_paper", erase)
        next(attendance.write_confirmations(closed))
    else:
        erase()
        assert first not in attendance.owed(closed)
    assert AttendanceConfirmation.objects.get(pk=first.pk).file.name == ""
    assert not list(settings.MEDIA_ROOT.rglob("*.pdf"))


def test_after_a_restore_both_registers_are_held(closed):
    hold_registers()
    with pytest.raises(CertificateError, check=lambda error: error.code == "register_held"):
        attendance.register_confirmations(by=OFFICE, run=closed)
    continue_register(by=OFFICE, after=7, reason="Sổ giấy", register=Register.CONFIRMATIONS)
    assert [one.register_number for one in issued(closed)] == [8, 9]
    with pytest.raises(CertificateError, check=lambda error: error.code == "register_held"):
        issue_for_run(by=OFFICE, run=closed)


def test_the_command_issues_to_all_or_to_those_named(closed, capsys):
    code = closed.enrollments.get(trainee__full_name="Trần Văn Đức").trainee.code
    command = ["issue_attendance_confirmations", "--run", closed.code]
    call_command(*command, "--trainee", code)
    assert AttendanceConfirmation.objects.exclude(file="").count() == 1
    call_command(*command)
    call_command(*command)
    assert AttendanceConfirmation.objects.exclude(file="").count() == 2
    assert len(re.findall(r"\d{4}/\d{4}/XN", capsys.readouterr().out)) == 2


def test_the_command_says_who_of_those_named_gets_none(closed, capsys):
    code = closed.enrollments.get(trainee__full_name="Trần Văn Đức").trainee.code
    command = ["issue_attendance_confirmations", "--run", closed.code, "--trainee", code, "--json"]
    call_command(*command)
    assert json.loads(capsys.readouterr().out)["held_back"] == []
    call_command(*command)
    (held,) = json.loads(capsys.readouterr().out)["held_back"]
    assert (held["trainee_code"], held["code"]) == (code, "already")
